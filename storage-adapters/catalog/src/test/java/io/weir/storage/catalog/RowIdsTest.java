package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RowIdsTest {

    @Test
    void aMillionIdsOfOneMillisecondDiffer() {
        RowIds ids = new RowIds(Clock.fixed(Instant.ofEpochMilli(1_700_000_000_000L), ZoneOffset.UTC));
        Set<Long> made = new HashSet<>();
        for (int i = 0; i < 1_000_000; i++) {
            assertThat(made.add(ids.next())).isTrue();
        }
    }

    @Test
    void idsNeverGoBackWhenTheClockDoes() {
        long[] millis = {1_700_000_000_000L};
        RowIds ids = new RowIds(new Clock() {
            @Override
            public ZoneOffset getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return Instant.ofEpochMilli(millis[0]);
            }
        });
        long before = ids.next();
        millis[0] -= 60_000;
        assertThat(ids.next()).isGreaterThan(before);
    }
}
