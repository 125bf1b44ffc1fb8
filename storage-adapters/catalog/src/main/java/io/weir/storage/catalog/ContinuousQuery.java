package io.weir.storage.catalog;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * A continuous query.
 *
 * @param id its id
 * @param organisation whose it is
 * @param definition what it says
 * @param created when it was made
 * @param revision grows with every change of the definition
 * @param watermarkMicros every window that ends by then is in the destination, UTC microseconds
 * @param state how its runs go
 */
public record ContinuousQuery(
        String id,
        String organisation,
        ContinuousDefinition definition,
        Instant created,
        long revision,
        long watermarkMicros,
        TaskState state) {

    /** Length of a window in microseconds. */
    public long intervalMicros() {
        return Rows.micros(definition.interval());
    }

    /** When the next window is to be computed. */
    public Instant nextWindowDue() {
        long micros = watermarkMicros + intervalMicros() + Rows.micros(definition.lag());
        return Instant.EPOCH
                .plusSeconds(Math.floorDiv(micros, 1_000_000L))
                .plusNanos(TimeUnit.MICROSECONDS.toNanos(Math.floorMod(micros, 1_000_000L)));
    }

    /** The same, with its windows up to then in the destination. */
    public ContinuousQuery upTo(long watermark) {
        return new ContinuousQuery(id, organisation, definition, created, revision, watermark, state);
    }
}
