package io.weir.storage.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** However many files there are, only a few thousand of them are in memory. */
class CheckMemoryTest {

    /** A million at night. */
    private static final int FILES = Integer.getInteger("weir.check.files", 100_000);

    private static final int MOST_IN_MEMORY = 10_000;

    private final AtomicLong listed = new AtomicLong();
    private final AtomicLong read = new AtomicLong();

    private static String key(int n) {
        return String.format("default/iot/cpu/2024/01/01/00/%08d-0.parquet", n);
    }

    /** Every third is only in the store, every third only in the catalog, and the others are in both, of another size. */
    private final ObjectStore store = (ObjectStore) Proxy.newProxyInstance(
            ObjectStore.class.getClassLoader(),
            new Class<?>[] {ObjectStore.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "list" ->
                    Flux.range(0, FILES)
                            .filter(n -> n % 3 != 1)
                            .doOnNext(n -> listed.incrementAndGet())
                            .map(n -> new ObjectInfo(key(n), 5, null, Instant.EPOCH));
                case "read" -> Flux.just(ByteBuffer.wrap("this".getBytes(StandardCharsets.US_ASCII)));
                default -> Mono.empty();
            });

    private final CatalogUpkeep catalog = (CatalogUpkeep) Proxy.newProxyInstance(
            CatalogUpkeep.class.getClassLoader(),
            new Class<?>[] {CatalogUpkeep.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "files" ->
                    Flux.range(0, FILES)
                            .filter(n -> n % 3 != 0)
                            .doOnNext(n -> read.incrementAndGet())
                            .map(n -> new DataFile(key(n), 0, 0, 1, 6));
                case "identity" -> Mono.just("this");
                default -> Mono.just(Set.of());
            });

    @Test
    void aMillionFilesTakeTheMemoryOfAFewThousand() {
        CheckTally tally = new CheckTally();
        AtomicLong findings = new AtomicLong();
        new StorageCheck(
                        store,
                        catalog,
                        new CheckOptions(Duration.ofDays(1), false, false, false),
                        Clock.systemUTC(),
                        Schedulers.immediate())
                .run(tally)
                .doOnNext(some -> {
                    findings.addAndGet(some.size());
                    assertThat(read.get() - tally.files()).isLessThan(MOST_IN_MEMORY);
                    assertThat(listed.get() - findings.get()).isLessThan(MOST_IN_MEMORY);
                })
                .blockLast(Duration.ofMinutes(5));
        assertThat(findings.get()).isEqualTo(FILES);
        assertThat(tally.findings().keySet())
                .containsExactlyInAnyOrder(FindingKind.ORPHAN, FindingKind.MISSING, FindingKind.SIZE);
    }
}
