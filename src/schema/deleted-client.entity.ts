import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A client id that was deleted. If it is registered again, JWTs from before the deletion stay inactive. */
@Entity('deleted_client')
export class DeletedClientEntity {
  @PrimaryColumn({
    type: 'text',
    name: 'client_id',
    primaryKeyConstraintName: 'deleted_client_pkey',
  })
  clientId: string;

  /** When it was deleted last. */
  @Column({ type: 'timestamptz', name: 'deleted_at' })
  deletedAt: Date;
}
