import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Relation } from 'typeorm';
import { ClientEntity } from './client.entity.js';
import { IndexOf } from './index-of.js';

// The driver returns a bigint as a string. Seconds since the epoch stay safe integers for 285 million years.
const epochSeconds = {
  to: (value: number | null | undefined) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

/** The facts of an opaque access token, under its digest. The token itself is never stored. */
@Entity('opaque_token')
@IndexOf('opaque_token', ['exp'], 'exp_idx')
@IndexOf('opaque_token', ['clientId'], 'client_id_idx')
export class OpaqueTokenEntity {
  /** The SHA-256 of the token's UTF-8 bytes. */
  @PrimaryColumn({
    type: 'bytea',
    name: 'token_hash',
    primaryKeyConstraintName: 'opaque_token_pkey',
  })
  tokenHash: Buffer;

  @Column({ type: 'text', name: 'client_id' })
  clientId: string;

  @ManyToOne(() => ClientEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'client_id', foreignKeyConstraintName: 'opaque_token_client_id_fkey' })
  client: Relation<ClientEntity>;

  @Column({ type: 'text', nullable: true })
  username: string | null;

  @Column({ type: 'text', nullable: true })
  sub: string | null;

  @Column({ type: 'text', nullable: true })
  scope: string | null;

  @Column({ type: 'text', array: true, default: () => "'{}'" })
  aud: string[];

  @Column({ type: 'text', nullable: true })
  iss: string | null;

  @Column({ type: 'bigint', nullable: true, transformer: epochSeconds })
  iat: number | null;

  @Column({ type: 'bigint', nullable: true, transformer: epochSeconds })
  nbf: number | null;

  @Column({ type: 'bigint', nullable: true, transformer: epochSeconds })
  exp: number | null;

  @Column({ type: 'text', nullable: true })
  jti: string | null;

  @Column({ type: 'text', name: 'token_type', default: 'Bearer' })
  tokenType: string;

  @Column({ type: 'jsonb', nullable: true })
  cnf: Record<string, unknown> | null;

  /** Extension members of the answer, and `act`, `acr`, `auth_time`, `authorization_details`. */
  @Column({ type: 'jsonb', nullable: true })
  claims: Record<string, unknown> | null;

  @Column({ type: 'jsonb', name: 'extended_claims', nullable: true })
  extendedClaims: Record<string, unknown> | null;

  /** Set when the token is revoked. No index has it, so that Postgres can revoke with a heap-only update. */
  @Column({ type: 'timestamptz', name: 'revoked_at', nullable: true })
  revokedAt: Date | null;
}
