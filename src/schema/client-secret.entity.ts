import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Relation } from 'typeorm';
import { ClientEntity } from './client.entity.js';

/** One of a client's secrets; several live at once while a rotation lasts. */
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
