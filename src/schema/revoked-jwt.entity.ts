import { Column, Entity, PrimaryColumn } from 'typeorm';
import { IndexOf } from './index-of.js';

/** A JSON Web Token that was revoked, by the digest that `revocationHash` makes of it. */
@Entity('revoked_jwt')
@IndexOf('revoked_jwt', ['exp'], 'exp_idx')
export class RevokedJwtEntity {
  @PrimaryColumn({ type: 'bytea', primaryKeyConstraintName: 'revoked_jwt_pkey' })
  hash: Buffer;

  /** When the token expires, in seconds since the epoch; the row is of no use after that. null: never. */
  @Column({ type: 'bigint', nullable: true })
  exp: string | null;

  @Column({ type: 'timestamptz', name: 'revoked_at', default: () => 'now()' })
  revokedAt: Date;
}
