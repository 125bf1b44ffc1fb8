package io.weir.common.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** REQUIREMENTS O9, P1, invariant 3. */
class MemorySharesTest {

    private final MemoryBudget process = MemoryBudget.root("process", 1_000);
    private final MemoryShares shares = new MemoryShares(process, 600);
    private final MemoryStage decode = new MemoryStage("decode");
    private final MemoryStage log = new MemoryStage("log");

    @Test
    void aShareIsLimitedByItselfAndByTheWhole() {
        Reservation acme = shares.reserve("acme", 500, decode);
        assertThatThrownBy(() -> shares.reserve("acme", 200, decode))
                .hasMessage("no memory left for acme: 500 of 600 bytes are in use and 200 more were asked for");
        Reservation other = shares.reserve("other", 400, decode);
        assertThatThrownBy(() -> other.grow(101))
                .hasMessage("no memory left for process: 900 of 1000 bytes are in use and 101 more were asked for");
        assertThat(decode.refusedCount()).isEqualTo(2);
        assertThat(shares.usedBytes("other")).isEqualTo(400);
        other.close();
        acme.close();
        assertThat(process.usedBytes()).isZero();
    }

    @Test
    void aShareIsForgottenWithItsLastReservation() { // names are made up faster than memory is
        for (int i = 0; i < 1_000; i++) {
            shares.reserve("made-up-" + i, 1, decode).close();
        }
        assertThat(shares.size()).isZero();
        assertThatThrownBy(() -> shares.reserve("refused", 601, decode)).isInstanceOf(WeirException.class);
        assertThat(shares.size()).isZero();
        Reservation one = shares.reserve("acme", 1, decode);
        Reservation two = one.split(1, log);
        one.close();
        one.close();
        assertThat(shares.size()).isEqualTo(1);
        two.close();
        assertThat(shares.size()).isZero();
    }

    @Test
    void whatIsHandedOverChangesStageAndIsCountedOnce() {
        Reservation request = shares.reserve("acme", 100, decode);
        Reservation rows = request.split(70, log);
        assertThat(process.usedBytes()).isEqualTo(100);
        assertThat(decode.usedBytes()).isEqualTo(30);
        assertThat(log.usedBytes()).isEqualTo(70);
        request.close();
        assertThat(process.usedBytes()).isEqualTo(70);
        rows.close();
        assertThat(process.usedBytes()).isZero();
        assertThat(log.usedBytes()).isZero();
    }

    @Test
    void whatAClosedRequestHandsOverIsCountedAllTheSame() {
        Reservation request = shares.reserve("acme", 100, decode);
        request.close();
        Reservation rows = request.split(70, log);
        assertThat(shares.usedBytes("acme")).isEqualTo(70);
        rows.close();
        assertThat(shares.size()).isZero();
        assertThat(process.usedBytes()).isZero();
    }

    /** What the tree should say, in the plainest way: a list of what is held. */
    private static final class Model {
        record Held(String name, MemoryStage stage, long bytes) {}

        final Map<Reservation, Held> held = new HashMap<>();

        long process() {
            return held.values().stream().mapToLong(Held::bytes).sum();
        }

        long share(String name) {
            return held.values().stream()
                    .filter(one -> one.name.equals(name))
                    .mapToLong(Held::bytes)
                    .sum();
        }

        long stage(MemoryStage stage) {
            return held.values().stream()
                    .filter(one -> one.stage == stage)
                    .mapToLong(Held::bytes)
                    .sum();
        }

        boolean fits(String name, long bytes) {
            return share(name) + bytes <= 600 && process() + bytes <= 1_000;
        }

        long names() {
            return held.values().stream().map(Held::name).distinct().count();
        }
    }

    @Test
    void randomOperationsAgreeWithTheModel() {
        long seed = Long.getLong("weir.test.seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        Model model = new Model();
        for (int i = 0; i < 20_000; i++) {
            step(random, model);
            assertThat(process.usedBytes()).as("step %d", i).isEqualTo(model.process());
            assertThat(shares.size()).as("step %d", i).isEqualTo((int) model.names());
            assertThat(decode.usedBytes()).as("step %d", i).isEqualTo(model.stage(decode));
            assertThat(log.usedBytes()).as("step %d", i).isEqualTo(model.stage(log));
            for (String name : List.of("a", "b", "c")) {
                assertThat(shares.usedBytes(name)).as("step %d, %s", i, name).isEqualTo(model.share(name));
            }
        }
    }

    private void step(Random random, Model model) {
        String name = List.of("a", "b", "c").get(random.nextInt(3));
        long bytes = random.nextInt(300);
        List<Reservation> open = new ArrayList<>(model.held.keySet());
        Reservation one = open.isEmpty() ? null : open.get(random.nextInt(open.size()));
        int what = random.nextInt(10);
        if (what < 3 || one == null) {
            reserve(name, bytes, model);
        } else if (what < 5) {
            Model.Held held = model.held.get(one);
            boolean fits = model.fits(held.name, bytes);
            try {
                one.grow(bytes);
                assertThat(fits).isTrue();
                model.held.put(one, new Model.Held(held.name, held.stage, held.bytes + bytes));
            } catch (WeirException refused) {
                assertThat(fits).isFalse();
            }
        } else if (what < 6) {
            Model.Held held = model.held.get(one);
            long less = Math.min(held.bytes, bytes);
            one.grow(-less);
            model.held.put(one, new Model.Held(held.name, held.stage, held.bytes - less));
        } else if (what < 7) {
            Model.Held held = model.held.get(one);
            long moved = Math.min(held.bytes, bytes);
            model.held.put(one, new Model.Held(held.name, held.stage, held.bytes - moved));
            model.held.put(one.split(moved, log), new Model.Held(held.name, log, moved));
        } else {
            one.close();
            one.close();
            model.held.remove(one);
        }
    }

    private void reserve(String name, long bytes, Model model) {
        boolean fits = model.fits(name, bytes);
        try {
            Reservation made = shares.reserve(name, bytes, decode);
            assertThat(fits).isTrue();
            model.held.put(made, new Model.Held(name, decode, bytes));
        } catch (WeirException refused) {
            assertThat(fits).isFalse();
            assertThat(refused.code()).isEqualTo(CommonError.OVERLOADED);
        }
    }

    @Test
    void concurrentOwnersNeverPassALimitAndLeaveNothing() throws InterruptedException {
        long seed = Long.getLong("weir.test.seed", System.nanoTime());
        System.out.println("seed " + seed);
        int threads = 6;
        CountDownLatch done = new CountDownLatch(threads);
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        AtomicLong most = new AtomicLong();
        for (int t = 0; t < threads; t++) {
            Random random = new Random(seed + t);
            new Thread(() -> {
                        try {
                            for (int i = 0; i < 20_000; i++) {
                                passThrough(random, most);
                            }
                        } catch (RuntimeException | Error e) {
                            failures.add(e);
                        } finally {
                            done.countDown();
                        }
                    })
                    .start();
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(failures).isEmpty();
        assertThat(most.get()).isPositive().isLessThanOrEqualTo(1_000);
        assertThat(process.usedBytes()).isZero();
        assertThat(decode.usedBytes()).isZero();
        assertThat(log.usedBytes()).isZero();
        assertThat(shares.size()).isZero();
    }

    private void passThrough(Random random, AtomicLong most) {
        String name = "org" + random.nextInt(4);
        try (Reservation request = shares.reserve(name, random.nextInt(200), decode)) {
            request.grow(random.nextInt(100));
            if (random.nextInt(8) == 0) {
                request.close(); // the client went away
            } else {
                try (Reservation rows = request.split(request.bytes() / 2, log)) {
                    most.accumulateAndGet(process.usedBytes(), Math::max);
                    rows.split(rows.bytes(), decode).close();
                }
            }
        } catch (WeirException refused) {
            assertThat(refused.code()).isEqualTo(CommonError.OVERLOADED);
        }
    }
}
