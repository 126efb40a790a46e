import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The table of failures, for those who share them through Postgres. */
export const FAILURE_TABLE = 'authentication_failure';

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
