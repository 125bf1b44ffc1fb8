package io.weir.storage.resilience;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.error.WeirException;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.MemoryStage;
import io.weir.common.memory.Reservation;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.ObjectTransfer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The memory that transfers to and from one store may take for their buffers. When it is used up, reads and puts of streams
 * are refused before they take any; puts of files are not, since they are what frees memory elsewhere. Thread-safe.
 */
final class TransferMemory {

    /** One buffer that is filled and one that is taken. */
    private static final long BUFFERS = 2L * ObjectTransfer.BUFFER_BYTES;

    /** Parts that are sent, and one that is filled. */
    private static final long PARTS = 4L * ObjectTransfer.STREAM_PART_BYTES;

    private final MemoryBudget budget;
    private final MemoryStage stage = new MemoryStage("store");
    private final Counter shed;

    TransferMemory(long limitBytes, MeterRegistry registry) {
        this.budget = MemoryBudget.root("object store", limitBytes);
        this.shed = Counter.builder("weir.store.shed")
                .description("transfers refused for want of memory for buffers")
                .register(registry);
        Gauge.builder("weir.store.memory.used", budget, MemoryBudget::usedBytes)
                .description("buffers of transfers")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("weir.store.memory.limit", budget, MemoryBudget::limitBytes)
                .description("bound of the buffers of transfers")
                .baseUnit("bytes")
                .register(registry);
    }

    /** A read of at most that many bytes, or its refusal. */
    <T> Flux<T> forRead(long bytes, Flux<T> read) {
        return Flux.defer(() -> {
            Reservation buffers = reserve(Math.min(Math.max(0, bytes), BUFFERS));
            return read.doFinally(signal -> buffers.close());
        });
    }

    /** A put of a stream, or its refusal. */
    <T> Mono<T> forStream(Mono<T> put) {
        return Mono.defer(() -> {
            Reservation parts = reserve(PARTS);
            return put.doFinally(signal -> parts.close());
        });
    }

    /** A put of a file of that many bytes, which is never refused. */
    <T> Mono<T> forFile(long bytes, Mono<T> put) {
        return Mono.defer(() -> {
            Reservation buffers = budget.claim(Math.min(bytes, BUFFERS), stage);
            return put.doFinally(signal -> buffers.close());
        });
    }

    private Reservation reserve(long bytes) {
        try {
            return budget.reserve(Math.min(bytes, budget.limitBytes()), stage);
        } catch (WeirException full) {
            shed.increment();
            throw new WeirException(
                    ObjectStoreError.OBJECT_STORE_BUSY,
                    "transfers hold " + budget.usedBytes() + " bytes of buffers, and there is no room for " + bytes
                            + " more (expected: at most " + budget.limitBytes() + ", weir.storage.memory)",
                    full);
        }
    }

    /** Whether nothing but puts of files would be let through now. */
    boolean isFull() {
        return budget.limitBytes() - budget.usedBytes() < Math.min(BUFFERS, budget.limitBytes());
    }
}
