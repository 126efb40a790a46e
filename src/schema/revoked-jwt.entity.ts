import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A JSON Web Token that was revoked, by the digest that `revocationHash` makes of it. */
@Entity('revoked_jwt')
@Index('revoked_jwt_exp_idx', ['exp'])
export class RevokedJwtEntity {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'revoked_jwt_pkey' })
  hash: Buffer;

  /** Seconds since the epoch, from which on the row says nothing new; null: for ever. */
  @Column({ type: 'bigint', nullable: true })
  exp: string | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', default: () => 'now()' })
  revokedAt: Date;
}
