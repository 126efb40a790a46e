import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn } from 'typeorm';
import type { Relation } from 'typeorm';

/** A registered client. */
@Entity('client')
export class ClientEntity {
  @PrimaryColumn({ type: 'text', name: 'client_id', primaryKeyConstraintName: 'client_pkey' })
  clientId: string;

  @Column({ type: 'text', nullable: true })
  name: string | null;

  @Column({ type: 'boolean', default: true })
  enabled: boolean;

  @Column({ type: 'boolean', name: 'may_introspect', default: true })
  mayIntrospect: boolean;

  @Column({ type: 'text', array: true, default: () => "'{}'" })
  audiences: string[];

  @Column({ type: 'boolean', name: 'any_audience', default: false })
  anyAudience: boolean;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  /** Its JWTs of before count no more. Set where the id had been deleted when it was registered. */
  @Column({ type: 'timestamptz', name: 'tokens_from', nullable: true })
  tokensFrom: Date | null;

  @OneToMany(() => ClientSecretEntity, (secret) => secret.client)
  secrets: Relation<ClientSecretEntity>[];
}

/** One of a client's secrets. During a rotation several are accepted at once. */
@Entity('client_secret')
export class ClientSecretEntity {
  @PrimaryColumn({
    type: 'text',
    name: 'client_id',
    primaryKeyConstraintName: 'client_secret_pkey',
  })
  clientId: string;

  /** The hash alone; the secret itself is never stored. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'client_secret_pkey' })
  hash: string;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'now()' })
  createdAt: Date;

  @ManyToOne(() => ClientEntity, (client) => client.secrets, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'client_id', foreignKeyConstraintName: 'client_secret_client_id_fkey' })
  client: Relation<ClientEntity>;
}
