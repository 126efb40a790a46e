import { Column, Entity, PrimaryColumn } from 'typeorm';
import { FAILURE_TABLE } from '../limits/failure-counter.js';

/** How often authentication failed, by who and where; written by the library that counts. */
@Entity(FAILURE_TABLE)
export class AuthenticationFailureEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'authentication_failure_pkey' })
  key: string;

  @Column({ type: 'int' })
  points: number;

  /** Milliseconds since the epoch, from which on it counts no more. */
  @Column({ type: 'bigint', nullable: true })
  expire: string | null;
}
