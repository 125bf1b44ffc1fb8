package io.weir.ingest.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Keys in the log. LESSONS 62. */
class WriteKeyCodecTest {

    private static final WriteKey KEY = new WriteKey("k", -1, Long.MAX_VALUE, 0, Long.MIN_VALUE, "");

    private final MemoryWalFileSystem files = new MemoryWalFileSystem(1);
    private final List<WriteKey> replayed = new ArrayList<>();

    private static WalAppend keyed(WriteKey key, long number) {
        return new WalAppend(SteppedLog.DATABASE, List.of(RandomBatches.numbered(number)), WalAck.SYNCED, key);
    }

    private void replay() throws IOException {
        new SteppedLog(files, SteppedLog.settings(1 << 20), (append, hold) -> replayed.add(append.key()));
    }

    @Test
    void keysComeBackWithTheirRowsAndRowsWithoutKeyWithoutOne() throws IOException {
        long seed = System.nanoTime();
        System.out.println("key seed " + seed);
        Random random = new Random(seed);
        List<WriteKey> written = new ArrayList<>();
        try (SteppedLog log = new SteppedLog(files, SteppedLog.settings(1 << 20))) {
            for (int i = 0; i < 200; i++) {
                WriteKey key = random.nextInt(3) == 0 ? null : random(random);
                written.add(key);
                assertThat(log.commit(keyed(key, i))).isOne();
            }
        }
        replay();
        assertThat(replayed).isEqualTo(written);
    }

    private static WriteKey random(Random random) {
        String text = "ü😀k".repeat(1 + random.nextInt(90));
        String outcome = random.nextBoolean() ? "" : "x".repeat(random.nextInt(WriteKey.MAX_BYTES + 1));
        return new WriteKey(text, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong(), outcome);
    }

    @Test
    void anOutcomeThatCouldNotBeReadBackIsRefusedAndTheLogGoesOn() throws IOException { // LESSONS 12
        String tooLong = "x".repeat(WriteKey.MAX_BYTES + 1);
        try (SteppedLog log = new SteppedLog(files, SteppedLog.settings(1 << 20))) {
            assertThat(log.commit(keyed(new WriteKey("k", 0, 1, 2, 3, tooLong), 1)))
                    .isZero();
            assertThat(log.failures.get(0).detail()).contains("longer than " + WriteKey.MAX_BYTES);
            assertThat(log.commit(keyed(KEY, 2))).isOne();
        }
        replay();
        assertThat(replayed).containsExactly(KEY);
    }

    @Test
    void aFlippedByteInAKeyedAppendNeverYieldsAnotherKey() throws IOException { // LESSONS 10
        try (SteppedLog log = new SteppedLog(files, SteppedLog.settings(4096))) {
            log.commit(keyed(KEY, 1), keyed(null, 2));
        }
        String segment = files.list().stream()
                .filter(name -> name.endsWith(".wal"))
                .findFirst()
                .orElseThrow();
        byte[] intact = files.get(segment);
        for (int at = FrameFormat.SEGMENT_HEADER_BYTES; at < 512; at++) {
            byte[] damaged = intact.clone();
            damaged[at] ^= 0x10;
            MemoryWalFileSystem copy = new MemoryWalFileSystem(1);
            copy.put(segment, damaged);
            List<WalAppend> seen = new ArrayList<>();
            new SteppedLog(copy, SteppedLog.settings(4096), (append, hold) -> seen.add(append));
            for (WalAppend append : seen) {
                boolean first = RandomBatches.numberOf(append.batches().get(0)) == 1;
                assertThat(append.key()).as("byte %d", at).isEqualTo(first ? KEY : null);
            }
        }
    }
}
