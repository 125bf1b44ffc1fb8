package io.weir.ingest.edge;

import io.weir.common.compress.ContentEncoding;
import io.weir.common.compress.DecompressionLimits;
import io.weir.common.compress.Decompressor;
import io.weir.common.error.ErrorKind;
import io.weir.common.http.Problem;
import io.weir.common.http.RequestContext;
import io.weir.common.http.UnreadBody;
import io.weir.common.model.DatabaseId;
import io.weir.common.observe.TraceScope;
import io.weir.ingest.IngestService;
import io.weir.ingest.IngestSettings;
import io.weir.ingest.WriteOutcome;
import io.weir.ingest.admission.RequestMemory;
import io.weir.ingest.admission.RequestSize;
import io.weir.ingest.decode.BodyDecoder;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.SeriesMemory;
import io.weir.ingest.idempotency.KeyClaim;
import io.weir.ingest.idempotency.OutcomeText;
import io.weir.ingest.schema.DatabaseSchemas;
import io.weir.ingest.wal.WalAck;
import io.weir.ingest.wal.WalAppend;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.channel.AbortedException;

/**
 * One write request, from headers to answer: reserve memory, stream the body through decompressor and decoder, make sure
 * the columns exist, append to the log, answer in the client's dialect. What takes its time is done by CPU workers, what
 * costs little more than copying where the bytes arrive (docs/adr/0007). A failure before the append leaves nothing; a
 * client that goes away during it loses only the answer.
 */
final class WriteHandler {

    private static final Logger LOG = LoggerFactory.getLogger(WriteHandler.class);
    private static final int BUFFERS_AHEAD = 2;

    /** How much longer than sent a compressed body is expected to be. */
    private static final int EXPECTED_RATIO = 4;

    /** The part of the memory for rows that remembered series may take. */
    private static final int SERIES_MEMORY_SHARE = 16;

    private final IngestService ingest;
    private final IngestSettings settings;
    private final Scheduler decode;
    private final Clock clock;
    private final KeyedWrites keyed;
    private final SeriesMemory series;

    WriteHandler(IngestService ingest, IngestSettings settings, Scheduler decode, Clock clock) {
        this.ingest = ingest;
        this.settings = settings;
        this.decode = decode;
        this.clock = clock;
        this.keyed = new KeyedWrites(ingest.keys(), decode, settings.maxBody().toBytes());
        this.series = new SeriesMemory(settings.memoryBytes() / SERIES_MEMORY_SHARE, ingest.admission()::seriesResized);
    }

    /** Handles a request of that dialect whose body is in that format. */
    Mono<ServerResponse> handle(ServerRequest request, Dialect dialect, WriteFormat format) {
        return Mono.defer(() -> keyed.once(request, dialect, claim -> write(request, dialect, format, claim)))
                .flatMap(outcome -> outcome.rejectedRows() == 0
                        ? ServerResponse.noContent().build()
                        : dialect.answerRejected(outcome, request))
                .onErrorResume(e -> answerFailure(e, request, dialect));
    }

    private Mono<WriteOutcome> write(
            ServerRequest request, Dialect dialect, WriteFormat format, @Nullable KeyClaim claim) {
        DatabaseId database = dialect.database(request);
        WriteParameters parameters = new WriteParameters(
                format.precision(dialect, request), dialect.acceptsPartial(request), dialect.skipsSync(request));
        RequestMemory memory = ingest.admission().admit(database.organisation(), size(request, format));
        return ingest.schemas()
                .open(database)
                .flatMap(schemas -> Mono.usingWhen(
                        Mono.fromSupplier(() -> session(request, format, parameters, schemas, memory, claim)),
                        session -> decode(request, session)
                                .flatMap(rows -> store(schemas, parameters, rows, memory, claim)),
                        session -> close(session, database)))
                .doFinally(signal -> memory.abandon());
    }

    private RequestSize size(ServerRequest request, WriteFormat format) {
        long length = request.headers().contentLength().orElse(-1);
        BodySession.requireLength(length, settings.maxBody().toBytes());
        String encoding = request.headers().firstHeader(HttpHeaders.CONTENT_ENCODING);
        boolean plain = ContentEncoding.ofHeader(encoding) == ContentEncoding.IDENTITY;
        long inflated = Math.max(0, plain ? length : length * EXPECTED_RATIO);
        return new RequestSize(length, plain ? format.leastBytes(length) : 0, format.expectedBytes(inflated));
    }

    private BodySession session(
            ServerRequest request,
            WriteFormat format,
            WriteParameters parameters,
            DatabaseSchemas schemas,
            RequestMemory memory,
            @Nullable KeyClaim claim) {
        DecodeOptions options = new DecodeOptions(
                        parameters.precision(), nowNanos(), schemas::find, DecodeLimits.DEFAULT, memory)
                .withBodyBytes(bodyBytes(request))
                .withSeries(series.of(schemas.database()));
        // Both may refuse the request; from then on the session closes the memory.
        BodyDecoder decoder = format.decoder(options, request, settings);
        Decompressor decompressor = Decompressor.open(
                request.headers().firstHeader(HttpHeaders.CONTENT_ENCODING),
                DecompressionLimits.ofOutput(format.maxBytes(settings)),
                memory);
        try {
            memory.entrust();
        } catch (CancellationException gone) {
            decompressor.close();
            throw gone;
        }
        return new BodySession(
                decompressor,
                decoder,
                memory,
                settings.maxBody().toBytes(),
                claim == null ? null : claim.fingerprint());
    }

    /** Length of the body as decoders see it; only that of one that is not compressed is known. */
    private static long bodyBytes(ServerRequest request) {
        return request.headers().firstHeader(HttpHeaders.CONTENT_ENCODING) == null
                ? request.headers().contentLength().orElse(DecodeOptions.UNKNOWN_LENGTH)
                : DecodeOptions.UNKNOWN_LENGTH;
    }

    private Mono<DecodedWrite> decode(ServerRequest request, BodySession session) {
        Flux<DataBuffer> body = request.exchange().getRequest().getBody();
        return body.switchOnFirst((first, pieces) ->
                        session.readsInPlace(first.get()) ? pieces : pieces.publishOn(decode, BUFFERS_AHEAD))
                .doOnNext(session::accept)
                .doOnComplete(() -> UnreadBody.read(request))
                .doOnDiscard(DataBuffer.class, DataBufferUtils::release)
                .then(Mono.defer(() -> inPlaceOrByWorker(session, Mono.fromCallable(session::finish))));
    }

    private Mono<WriteOutcome> store(
            DatabaseSchemas schemas,
            WriteParameters parameters,
            DecodedWrite rows,
            RequestMemory memory,
            @Nullable KeyClaim claim) {
        boolean refused = rows.rejectedRows() > 0 && !parameters.acceptPartial();
        boolean nothing = refused || rows.acceptedRows() == 0;
        WriteOutcome outcome = new WriteOutcome(
                rows.acceptedRows(), nothing ? 0 : rows.acceptedRows(), rows.rejectedRows(), rows.errors());
        if (nothing) {
            return Mono.just(outcome);
        }
        WalAck ack = parameters.skipSync() ? WalAck.WRITTEN : WalAck.SYNCED;
        return ingest.schemas()
                .admit(schemas, rows.batches())
                .then(Mono.deferContextual(context -> traced(
                        TraceScope.of(context),
                        ingest.append(
                                new WalAppend(
                                        schemas.database(),
                                        rows.batches(),
                                        ack,
                                        claim == null ? null : claim.handOver(OutcomeText.of(outcome))),
                                memory))))
                .thenReturn(outcome);
    }

    private static Mono<Void> traced(@Nullable TraceScope trace, Mono<Void> append) {
        if (trace == null) {
            return append;
        }
        long start = System.nanoTime();
        return append.doOnSuccess(done -> trace.ended("wal append", start, true))
                .doOnError(e -> trace.ended("wal append", start, false));
    }

    private Mono<Void> close(BodySession session, DatabaseId database) {
        ingest.quotas().received(database.organisation(), session.wireBytes());
        ingest.stages().decoded(session.workNanos());
        return inPlaceOrByWorker(session, Mono.fromRunnable(session::close));
    }

    private <T> Mono<T> inPlaceOrByWorker(BodySession session, Mono<T> work) {
        return session.endsInPlace() ? work : work.subscribeOn(decode);
    }

    /** Answers a request that failed so, in its dialect. */
    Mono<ServerResponse> answerFailure(Throwable failure, ServerRequest request, Dialect dialect) {
        Problem problem = Problem.of(failure, RequestContext.requestId(request));
        UnreadBody.leave(request);
        if (AbortedException.isConnectionReset(failure)) {
            LOG.debug("write {}: the client went away", problem.requestId());
        } else if (problem.code().kind() == ErrorKind.CAPACITY) {
            LOG.debug(
                    "write {} refused: {}",
                    problem.requestId(),
                    problem.detail()); // in a storm they are many, and counted
        } else if (problem.status() >= 500) {
            LOG.warn("write {} failed: {}", problem.requestId(), problem.detail(), failure);
        }
        return dialect.answerProblem(problem);
    }

    private long nowNanos() {
        Instant now = clock.instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
