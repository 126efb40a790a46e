import { Column, Entity, OneToMany, PrimaryColumn } from 'typeorm';
import { ClientSecretEntity } from './client-secret.entity.js';

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

  @OneToMany(() => ClientSecretEntity, (secret) => secret.client)
  secrets: ClientSecretEntity[];
}
