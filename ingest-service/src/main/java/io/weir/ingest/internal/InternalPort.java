package io.weir.ingest.internal;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotControl;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotRows;
import io.weir.common.http.Problem;
import io.weir.storage.hot.ControlRequest;
import io.weir.storage.hot.HotRequest;
import io.weir.storage.hot.HotStream;
import io.weir.storage.hot.HotStreamWriter;
import io.weir.storage.hot.InternalSettings;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/**
 * The port at which query replicas read the hot rows of this process. It has threads of its own, so that it still answers
 * when the port of the clients is closed and the last rows are on their way to files. Rows are encoded as their reader takes
 * them; a request holds the parts it reads until it ends, at the latest after {@code weir.internal.timeout}. Thread-safe.
 */
public final class InternalPort implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(InternalPort.class);
    private static final int MAX_REQUEST_BYTES = 4 << 20;
    private static final Duration IDLE_TIME = Duration.ofMinutes(2);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

    private final InternalSettings settings;
    private final Scheduler encoder;
    private final AtomicInteger underWay = new AtomicInteger();
    private final LongAdder answered = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private @Nullable LoopResources loops;
    private @Nullable DisposableServer server;

    /** A port that is not open yet; rows are encoded on {@code encoder}. */
    public InternalPort(InternalSettings settings, Scheduler encoder) {
        this.settings = settings;
        this.encoder = encoder;
    }

    /**
     * Begins to answer with those rows. Blocks for a moment; to be called once.
     *
     * @throws WeirException {@code configuration} when something else listens there
     */
    public synchronized void open(HotRows rows, HotControl control) {
        loops = LoopResources.create("weir-internal", 1, 2, true);
        try {
            server = bind(rows, control, loops);
        } catch (ChannelBindException e) {
            close();
            throw new WeirException(
                    CommonError.CONFIGURATION,
                    "the internal port " + settings.address() + ":" + settings.port()
                            + " cannot be listened on (is another replica running? choose another weir.internal.port)",
                    e);
        }
        LOG.info("hot rows are read at {}:{}", settings.address(), port());
    }

    private DisposableServer bind(HotRows rows, HotControl control, LoopResources own) {
        return HttpServer.create()
                .host(settings.address())
                .port(settings.port())
                .runOn(own)
                .idleTimeout(IDLE_TIME)
                .route(routes -> routes.post(
                                HotStream.PATH,
                                (request, response) ->
                                        answer(request, response, body -> send(rows, HotRequest.of(body), response)))
                        .post(
                                ControlRequest.PATH,
                                (request, response) -> answer(
                                        request,
                                        response,
                                        body -> control(control, ControlRequest.of(body), response))))
                .bindNow();
    }

    /** The port it listens at. */
    public synchronized int port() {
        return server == null ? 0 : server.port();
    }

    private Publisher<Void> answer(
            HttpServerRequest request, HttpServerResponse response, Function<byte[], Mono<Void>> act) {
        if (!settings.admits(request.requestHeaders().get(HttpHeaderNames.AUTHORIZATION))) {
            return refuse(response, CommonError.UNAUTHENTICATED, "the token is not the one of weir.internal.token");
        }
        long length = request.requestHeaders().getInt(HttpHeaderNames.CONTENT_LENGTH, -1);
        if (length < 0 || length > MAX_REQUEST_BYTES) {
            return refuse(response, CommonError.BODY_TOO_LARGE, "a request has 0 to " + MAX_REQUEST_BYTES + " bytes");
        }
        if (underWay.incrementAndGet() > settings.maxRequests()) {
            underWay.decrementAndGet();
            return refuse(
                    response,
                    CommonError.OVERLOADED,
                    settings.maxRequests()
                            + " requests for hot rows are answered already (weir.internal.max-requests)");
        }
        return request.receive()
                .aggregate()
                .asByteArray()
                .flatMap(body -> Mono.defer(() -> act.apply(body)))
                .timeout(settings.timeout())
                .doOnSuccess(done -> answered.increment())
                .doOnError(e -> failed.increment())
                .onErrorResume(WeirException.class, e -> problem(response, e))
                .doFinally(signal -> underWay.decrementAndGet());
    }

    private Mono<Void> send(HotRows rows, HotRequest asked, HttpServerResponse response) {
        return Mono.using(
                HotHold::new,
                hold -> rows.snapshot(asked.table(), asked.scope(), hold).flatMap(parts -> {
                    HotStreamWriter writer = new HotStreamWriter(parts, asked.scope());
                    response.status(200)
                            .header(HttpHeaderNames.CONTENT_TYPE, HotStream.MEDIA_TYPE)
                            .header(HotStream.STREAMS, Integer.toString(writer.streams()));
                    Pieces pieces = new Pieces(writer);
                    LOG.debug("{} parts of {} are read", parts.size(), asked.table());
                    return response.send(Flux.fromIterable(() -> pieces).subscribeOn(encoder))
                            .then();
                }),
                HotHold::close);
    }

    private static Mono<Void> control(HotControl control, ControlRequest asked, HttpServerResponse response) {
        return asked.call(control)
                .doOnSubscribe(begun -> LOG.debug("{} of {}", asked.act(), asked.area()))
                .then(Mono.defer(() -> response.status(204).send()));
    }

    private Mono<Void> refuse(HttpServerResponse response, CommonError code, String detail) {
        refused.increment();
        return problem(response, new WeirException(code, detail));
    }

    private static Mono<Void> problem(HttpServerResponse response, WeirException failure) {
        if (response.hasSentHeaders()) {
            return Mono.error(failure); // breaking the answer off is all that tells the reader
        }
        byte[] body = Problem.of(failure, "internal").toJson();
        return response.status(failure.code().status())
                .header(HttpHeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
                .header(HttpHeaderNames.CONNECTION, "close") // what is left of the request is not read
                .sendByteArray(Mono.just(body))
                .then();
    }

    /** Requests that are being answered. */
    int underWay() {
        return underWay.get();
    }

    /** Requests that were answered. */
    long answered() {
        return answered.sum();
    }

    /** Requests that were not let in. */
    long refused() {
        return refused.sum();
    }

    /** Requests that failed, or whose reader was too slow. */
    long failed() {
        return failed.sum();
    }

    @Override
    public synchronized void close() {
        DisposableServer open = server;
        LoopResources own = loops;
        server = null;
        loops = null;
        if (open != null) {
            open.disposeNow(CLOSE_PATIENCE);
        }
        if (own != null) {
            own.dispose();
        }
    }
}
