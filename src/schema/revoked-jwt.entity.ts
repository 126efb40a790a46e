import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A JSON Web Token that was revoked, by the digest that `revocationHash` makes of it. */
@Entity('revoked_jwt')
@Index('revoked_jwt_exp_idx', ['exp'])
export class RevokedJwtEntity {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'revoked_jwt_pkey' })
  hash: Buffer;

  /** When the token expires, in seconds since the epoch; the row is of no use after that. null: never. */
  @Column({ type: 'bigint', nullable: true })
  exp: string | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', default: () => 'now()' })
  revokedAt: Date;
}
