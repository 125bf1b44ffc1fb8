package io.weir.common.pressure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Memory pressure as a state with hysteresis. REQUIREMENTS O3. */
class MemoryPressureTest {

    private final AtomicReference<ProcessMemory> memory = new AtomicReference<>(resident(50));
    private final List<Boolean> told = new ArrayList<>();

    private static ProcessMemory resident(long percent) {
        return new ProcessMemory(10, 1, 100, 1, 100, percent, 100);
    }

    private MemoryPressure pressure(boolean enabled) {
        PressureListener failing = high -> {
            throw new IllegalStateException("cannot");
        };
        return new MemoryPressure(
                new PressureSettings(enabled, 0.9, 0.8, Duration.ofSeconds(1)),
                List.of(failing, told::add),
                memory::get,
                () -> {});
    }

    private static void look(MemoryPressure pressure, int times) {
        for (int i = 0; i < times; i++) {
            pressure.look();
        }
    }

    @Test
    void oneHighLookIsNotEnoughAndTwoAre() {
        MemoryPressure pressure = pressure(true);
        memory.set(resident(95));
        look(pressure, 1);
        memory.set(resident(85));
        look(pressure, 1);
        memory.set(resident(95));
        look(pressure, 1);
        assertThat(told).isEmpty();
        look(pressure, 1);
        assertThat(told).containsExactly(true);
        assertThat(pressure.isHigh()).isTrue();
    }

    @Test
    void itEndsOnlyBelowTheLowMarkForSomeTime() {
        MemoryPressure pressure = pressure(true);
        memory.set(resident(90));
        look(pressure, 5);
        memory.set(resident(85));
        look(pressure, 100);
        assertThat(pressure.isHigh()).isTrue();
        memory.set(resident(79));
        look(pressure, 4);
        assertThat(pressure.isHigh()).isTrue();
        look(pressure, 1);
        assertThat(pressure.isHigh()).isFalse();
        assertThat(told).containsExactly(true, false);
    }

    @Test
    void eachOfHeapAndDirectMemoryCountsAlone() {
        memory.set(new ProcessMemory(95, 95, 100, 0, 100, 0, 100));
        MemoryPressure heap = pressure(true);
        look(heap, 2);
        assertThat(heap.isHigh()).isTrue();
        memory.set(new ProcessMemory(95, 5, 100, 95, 100, 0, 100));
        MemoryPressure direct = pressure(true);
        look(direct, 2);
        assertThat(direct.isHigh()).isTrue();
        memory.set(new ProcessMemory(95, 5, 100, 5, 100, 0, 100));
        MemoryPressure garbage = pressure(true);
        look(garbage, 9);
        assertThat(garbage.isHigh()).as("garbage is no pressure").isFalse();
    }

    @Test
    void switchedOffItOnlyLooks() {
        MemoryPressure pressure = pressure(false);
        memory.set(resident(99));
        look(pressure, 9);
        assertThat(told).isEmpty();
        assertThat(pressure.latest().resident()).isEqualTo(99);
    }

    @Test
    void theProcessTellsItsMemory() {
        ProcessMemory now = ProcessMemory.read();
        assertThat(now.heapUsed()).isPositive().isLessThanOrEqualTo(now.heapMax());
        assertThat(now.limit()).isPositive();
        assertThat(now.directMax()).isPositive();
        assertThat(now.largestPart()).isBetween(0.0, 1.0);
        assertThat(now.resident()).isGreaterThan(now.heapUsed() / 2);
    }
}
