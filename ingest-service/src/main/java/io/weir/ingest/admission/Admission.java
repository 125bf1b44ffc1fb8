package io.weir.ingest.admission;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.MemoryShares;
import io.weir.common.memory.MemoryStage;
import io.weir.common.memory.Reservation;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The memory of everything between a socket and a file, as one tree of budgets: the process, in it each organisation, in
 * it each request. A request is admitted by its headers, before its body is read; what it then needs is taken as it
 * grows, and goes with its rows from stage to stage. Thread-safe; never blocks.
 *
 * <pre>
 *   admit ─▶ decode: read ahead, decompression, columns ─▶ log: waiting for the sync ─▶ buffer: until in files and unread
 *   refused    413 can never fit │ 503 does not fit now       503 queue full               503 buffers full
 * </pre>
 */
public final class Admission {

    /** Network buffers of 128 KB: those that wait for the decoder, and those being filled and decoded meanwhile. */
    private static final long READ_AHEAD_BYTES = 384 << 10;

    /** What any request costs: bookkeeping, first arrays. */
    private static final long REQUEST_BYTES = 16 << 10;

    private static final long RELIEF_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final MemoryBudget process;
    private final MemoryShares organisations;
    private final long requestLimitBytes;
    private final long bufferLimitBytes;
    private final long logLimitBytes;
    private final Consumer<String> relief;
    private final MemoryStage decode = new MemoryStage("decode");
    private final MemoryStage log = new MemoryStage("log");
    private final MemoryStage buffer = new MemoryStage("buffer");
    private final MemoryStage series = new MemoryStage("series");
    private volatile boolean pressed;
    private final AtomicLong nextReliefNanos = new AtomicLong(System.nanoTime());

    /**
     * Admission to that much memory.
     *
     * @param memoryBytes {@code weir.ingest.memory}
     * @param logLimitBytes bytes waiting for the log from which on requests are refused
     * @param relief told, at most ten times a second, of which organisation a request was refused for want of memory; must
     *     not block
     */
    public Admission(long memoryBytes, AdmissionSettings settings, long logLimitBytes, Consumer<String> relief) {
        this.process = MemoryBudget.root("ingest", memoryBytes);
        this.organisations = new MemoryShares(process, settings.organisationBytes(memoryBytes));
        this.requestLimitBytes = Math.min(settings.requestBytes(memoryBytes), organisations.shareBytes());
        this.bufferLimitBytes = settings.bufferBytes(memoryBytes);
        this.logLimitBytes = logLimitBytes;
        this.relief = relief;
    }

    /**
     * Admits a request, or says why not, by its headers. The caller closes what it is given.
     *
     * @throws WeirException {@code body-too-large} when the request can never fit; {@code overloaded} when it does not
     *     fit now
     */
    public RequestMemory admit(String organisation, RequestSize size) {
        if (size.leastBytes() > requestLimitBytes) {
            throw tooLarge();
        }
        requireRoom(organisation, log, log.usedBytes(), nowOf(logLimitBytes), "rows wait for the write-ahead log");
        requireRoom(organisation, buffer, waitingBytes(), nowOf(bufferLimitBytes), "rows wait for their files");
        if (pressed) {
            requireRoom(organisation, decode, process.usedBytes(), nowOf(process.limitBytes()), "requests and rows");
        }
        long wire = size.wireBytes() < 0 ? READ_AHEAD_BYTES : Math.min(READ_AHEAD_BYTES, size.wireBytes());
        long fixed = Math.min(REQUEST_BYTES + wire, requestLimitBytes);
        long spare = Math.max(0, Math.min(size.expectedBytes(), requestLimitBytes / 2 - fixed));
        try {
            return new RequestMemory(
                    this, organisation, organisations.reserve(organisation, fixed + spare, decode), spare);
        } catch (WeirException full) {
            relieve(organisation);
            throw full;
        }
    }

    /** While memory is short, new requests are refused from half of each limit on. Those under way go on. */
    public void press(boolean high) {
        pressed = high;
    }

    private long nowOf(long limitBytes) {
        return pressed ? limitBytes / 2 : limitBytes;
    }

    private void requireRoom(String organisation, MemoryStage stage, long used, long limit, String what) {
        if (used >= limit) {
            stage.refused();
            relieve(organisation);
            throw new WeirException(
                    CommonError.OVERLOADED,
                    "no memory left: " + used + " of " + limit + " bytes of " + what,
                    Map.of("stage", stage.name(), "limit_bytes", limit));
        }
    }

    WeirException tooLarge() {
        return new WeirException(
                CommonError.BODY_TOO_LARGE,
                "the body needs more than " + requestLimitBytes + " bytes of memory"
                        + " (weir.ingest.memory-per-request); send it in smaller pieces",
                Map.of("limit_bytes", requestLimitBytes));
    }

    /** Asks for memory to be freed, unless that was done a moment ago. */
    void relieve(String organisation) {
        long now = System.nanoTime();
        long due = nextReliefNanos.get();
        if (now - due >= 0 && nextReliefNanos.compareAndSet(due, now + RELIEF_INTERVAL_NANOS)) {
            relief.accept(organisation);
        }
    }

    /** Memory of rows that no request holds, such as rows replayed: counted even beyond the limits. */
    public Reservation claim(String organisation, long bytes, MemoryStage stage) {
        return organisations.claim(organisation, bytes, stage);
    }

    /** All memory there is. */
    public MemoryBudget process() {
        return process;
    }

    /** The organisations that hold memory now. */
    public MemoryShares organisations() {
        return organisations;
    }

    /** Requests being read and decoded. */
    public MemoryStage decode() {
        return decode;
    }

    /** Rows waiting for the log. */
    public MemoryStage log() {
        return log;
    }

    /** Rows waiting for their files, and rows in files that a query still reads. */
    public MemoryStage buffer() {
        return buffer;
    }

    /** Series keys remembered from request to request; no organisation's, and held while the process runs. */
    public MemoryStage series() {
        return series;
    }

    /** Takes note that remembered series hold that much more, or less. */
    public void seriesResized(long deltaBytes) {
        process.charge(deltaBytes, series);
    }

    /** Most bytes of one request. */
    public long requestLimitBytes() {
        return requestLimitBytes;
    }

    /** Bytes of rows that wait for the log or for their files. */
    public long waitingBytes() {
        return log.usedBytes() + buffer.usedBytes();
    }

    /** Bytes of waiting rows from which on requests are refused. */
    public long bufferLimitBytes() {
        return bufferLimitBytes;
    }

    /** Bytes waiting for the log from which on requests are refused. */
    public long logLimitBytes() {
        return logLimitBytes;
    }
}
