package io.weir.storage.catalog;

import java.time.Instant;

/**
 * One administrative act.
 *
 * @param id more than those of earlier acts; 0 for one that is yet to be recorded
 * @param time when
 * @param organisation whose it concerned
 * @param actor who did it, at most 256 characters
 * @param act what was done, such as {@code token.revoked}
 * @param subject to what
 * @param detail more of it, at most 1024 characters
 */
public record AuditEntry(
        long id, Instant time, String organisation, String actor, String act, String subject, String detail) {}
