package io.weir.common.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** REQUIREMENTS P1, invariant 3. */
class MemoryBudgetTest {

    @Test
    void whatDoesNotFitIsRefusedAndNothingIsTaken() {
        MemoryBudget budget = MemoryBudget.root("ingest", 100);
        Reservation held = budget.reserve(60);
        assertThatThrownBy(() -> budget.reserve(50)).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code()).isEqualTo(CommonError.OVERLOADED);
            assertThat(e)
                    .hasMessage("no memory left for ingest: 60 of 100 bytes are in use and 50 more were asked for");
        });
        assertThat(budget.usedBytes()).isEqualTo(60);
        assertThat(budget.refusedCount()).isEqualTo(1);
        held.close();
        held.close();
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void aPartIsLimitedByItselfAndByTheWhole() {
        MemoryBudget process = MemoryBudget.root("process", 100);
        MemoryBudget one = process.child("one", 80);
        MemoryBudget two = process.child("two", 80);
        Reservation first = one.reserve(70);
        assertThatThrownBy(() -> one.reserve(20)).hasMessageContaining("no memory left for one");
        assertThatThrownBy(() -> two.reserve(40)).hasMessageContaining("no memory left for process");
        assertThat(two.usedBytes()).isZero();
        first.close();
        two.reserve(80).close();
        assertThat(process.usedBytes()).isZero();
    }

    @Test
    void whatIsSpentAlreadyCountsEvenBeyondTheLimit() {
        MemoryBudget budget = MemoryBudget.root("ingest", 100);
        budget.charge(150);
        assertThatThrownBy(() -> budget.reserve(1)).isInstanceOf(WeirException.class);
        budget.credit(150);
        budget.reserve(100).close();
    }

    @Test
    void whatIsChargedInAStageIsSeenThereAndInTheBudget() {
        MemoryBudget budget = MemoryBudget.root("ingest", 100);
        MemoryStage stage = new MemoryStage("series");
        budget.charge(150, stage);
        budget.charge(-30, stage);
        assertThat(stage.usedBytes()).isEqualTo(120);
        assertThat(budget.usedBytes()).isEqualTo(120);
    }

    @Test
    void aClosedReservationCannotGrow() {
        MemoryBudget budget = MemoryBudget.root("ingest", 100);
        Reservation held = budget.reserve(10);
        held.grow(20);
        held.grow(-5);
        assertThat(held.bytes()).isEqualTo(25);
        held.close();
        assertThatThrownBy(() -> held.grow(1)).isInstanceOf(IllegalStateException.class);
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void concurrentOwnersNeverPassTheLimitAndLeaveNothing() throws InterruptedException {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        MemoryBudget process = MemoryBudget.root("process", 1_000);
        MemoryBudget part = process.child("part", 900);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        CountDownLatch done = new CountDownLatch(8);
        for (int t = 0; t < 8; t++) {
            Random random = new Random(seed + t);
            threads.execute(() -> {
                for (int i = 0; i < 20_000; i++) {
                    try (Reservation held = part.reserve(random.nextInt(200))) {
                        held.grow(random.nextInt(100));
                    } catch (WeirException refused) {
                        assertThat(refused.code()).isEqualTo(CommonError.OVERLOADED);
                    }
                }
                done.countDown();
            });
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();
        assertThat(part.usedBytes()).isZero();
        assertThat(process.usedBytes()).isZero();
    }
}
