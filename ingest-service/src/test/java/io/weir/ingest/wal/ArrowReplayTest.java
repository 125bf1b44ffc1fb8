package io.weir.ingest.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.ingest.decode.arrow.ArrowSamples;
import org.junit.jupiter.api.Test;

/** LESSONS 9 and 12: what an Arrow stream decodes to is replayed cell by cell. */
class ArrowReplayTest {

    @Test
    void replayEqualsLive() throws Exception {
        long seed = Long.getLong("weir.fuzz.seed", System.nanoTime());
        System.out.println("Arrow replay: -Dweir.fuzz.seed=" + seed);
        int batches = 0;
        for (int i = 0; i < 300; i++) {
            for (ColumnBatch live : ArrowSamples.batches(seed + i)) {
                byte[] logged = WalBatchCodecTest.body(live);
                WalAppend replayed = WalBatchDecoder.decode(logged, 0, logged.length, 1);
                BatchAssert.assertSame(replayed.batches().get(0), live);
                batches++;
            }
        }
        assertThat(batches).isGreaterThan(100);
    }
}
