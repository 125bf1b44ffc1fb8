package io.weir.ingest.flush;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.model.DatabaseId;
import io.weir.ingest.fault.FaultyCatalog;
import io.weir.storage.catalog.FlushCommit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

class GroupCommitsTest {

    private final List<List<String>> transactions = new ArrayList<>();
    private final List<Sinks.Empty<Void>> pending = new ArrayList<>();

    /** A catalog whose commits end when the test says so; one that holds {@code poisoned} fails by itself. */
    private final GroupCommits commits = new GroupCommits(
            new FaultyCatalog() {
                @Override
                public Mono<Void> commit(List<FlushCommit> group) {
                    return Mono.defer(() -> {
                        List<String> ids =
                                group.stream().map(FlushCommit::flushId).toList();
                        transactions.add(ids);
                        if (ids.contains("poisoned")) {
                            return Mono.error(new IllegalStateException("poisoned"));
                        }
                        Sinks.Empty<Void> end = Sinks.empty();
                        pending.add(end);
                        return end.asMono();
                    });
                }
            },
            10,
            Duration.ofSeconds(20));

    private static FlushCommit commit(String id) {
        return new FlushCommit(id, new DatabaseId("default", "iot").table("m"), "wal", 1, 1, List.of());
    }

    private void submit(String id, AtomicInteger succeeded, AtomicInteger failed) {
        commits.commit(commit(id)).subscribe(nothing -> {}, e -> failed.incrementAndGet(), succeeded::incrementAndGet);
    }

    @Test
    void whatWaitsForATransactionSharesTheNextOneUpToALimit() {
        AtomicInteger succeeded = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        IntStream.range(0, 25).forEach(n -> submit("f" + n, succeeded, failed));
        assertThat(transactions).hasSize(1);
        for (int i = 0; i < 4; i++) {
            pending.get(i).tryEmitEmpty().orThrow();
        }
        assertThat(transactions).extracting(List::size).containsExactly(1, 10, 10, 4);
        assertThat(commits.transactions()).isEqualTo(4);
        assertThat(succeeded).hasValue(25);
        assertThat(failed).hasValue(0);
    }

    @Test
    void oneThatCannotBeCommittedFailsAlone() { // LESSONS 10, 13
        AtomicInteger succeeded = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        submit("first", succeeded, failed);
        for (String id : List.of("a", "b", "poisoned", "c", "d", "e")) {
            submit(id, succeeded, failed);
        }
        for (int i = 0; i < 6; i++) {
            pending.get(i).tryEmitEmpty().orThrow();
        }
        assertThat(succeeded).hasValue(6);
        assertThat(failed).hasValue(1);
        assertThat(transactions.get(1)).hasSize(6);
        assertThat(transactions.subList(2, 8)).allSatisfy(ids -> assertThat(ids).hasSize(1));
    }

    @Test
    void aTransactionThatHangsHoldsUpTheNextOnesForItsTimeOnly() {
        VirtualTimeScheduler time = VirtualTimeScheduler.getOrSet();
        try {
            AtomicInteger succeeded = new AtomicInteger();
            AtomicInteger failed = new AtomicInteger();
            submit("hangs", succeeded, failed);
            submit("next", succeeded, failed);
            time.advanceTimeBy(Duration.ofSeconds(21));
            assertThat(failed).hasValue(1);
            pending.get(1).tryEmitEmpty().orThrow();
            assertThat(succeeded).hasValue(1);
        } finally {
            VirtualTimeScheduler.reset();
        }
    }

    @Test
    void aCancelledCommitHoldsUpNoOther() { // LESSONS 4
        AtomicInteger succeeded = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        commits.commit(commit("cancelled")).subscribe().dispose();
        submit("other", succeeded, failed);
        pending.get(0).tryEmitEmpty().orThrow();
        pending.get(1).tryEmitEmpty().orThrow();
        assertThat(succeeded).hasValue(1);
    }
}
