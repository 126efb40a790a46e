import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The table of failed authentications, for hosts with `limits.store: 'postgres'`. */
export const FAILURE_TABLE = 'authentication_failure';

/** Failures at one address, for one client or for all. The package rate-limiter-flexible writes them. */
@Entity(FAILURE_TABLE)
export class AuthenticationFailureEntity {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'authentication_failure_pkey' })
  key: string;

  @Column({ type: 'int' })
  points: number;

  /** From when on it does not count, in milliseconds since the epoch. */
  @Column({ type: 'bigint', nullable: true })
  expire: string | null;
}
