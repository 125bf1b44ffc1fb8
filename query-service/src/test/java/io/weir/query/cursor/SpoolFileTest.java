package io.weir.query.cursor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.schedule.WeirSchedulers;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolFileTest {

    @TempDir
    Path directory;

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);

    @AfterEach
    void close() {
        schedulers.close();
    }

    @Test
    void pagesOfRandomBytesAreReadAsTheyWereWritten() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        AtomicLong room = new AtomicLong();
        SpoolFile file = new SpoolFile(directory.resolve("f"), room::addAndGet);
        List<byte[]> pages = new ArrayList<>();
        List<Long> ends = new ArrayList<>(List.of(0L));
        for (int i = 0; i < 30; i++) {
            ByteArrayOutputStream page = new ByteArrayOutputStream();
            for (int chunks = random.nextInt(8); chunks > 0; chunks--) {
                byte[] chunk = new byte[random.nextInt(100_000)];
                random.nextBytes(chunk);
                page.writeBytes(chunk);
                file.write(chunk);
            }
            pages.add(page.toByteArray());
            ends.add(file.endPage());
        }
        assertThat(room).as("seed %d", seed).hasValue(Files.size(directory.resolve("f")));
        for (int i = 0; i < pages.size(); i++) {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            file.read(ends.get(i), ends.get(i + 1), false, schedulers.io())
                    .doOnNext(read::writeBytes)
                    .blockLast(Duration.ofSeconds(30));
            assertThat(read.toByteArray()).as("seed %d, page %d", seed, i).isEqualTo(pages.get(i));
        }
        file.delete();
        assertThat(directory).isEmptyDirectory();
        file.write(new byte[10]);
        assertThatThrownBy(file::endPage).isInstanceOf(CancellationException.class);
    }

    @Test
    void aFullDiskIsOverload() throws Exception { // T3
        Path full = Path.of("/dev/full");
        assumeThat(Files.exists(full)).isTrue();
        SpoolFile file = new SpoolFile(full, bytes -> {});
        file.write(new byte[10]);
        assertThatThrownBy(file::endPage)
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.OVERLOADED))
                .hasMessageContaining("is it full?");
        file.close();
    }
}
