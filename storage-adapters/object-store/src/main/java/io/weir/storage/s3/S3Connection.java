package io.weir.storage.s3;

import io.netty.util.concurrent.FastThreadLocalThread;
import io.weir.storage.object.ConnectionLimits;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.NonBlocking;
import reactor.core.scheduler.Scheduler;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;

/**
 * The SDK's client and what it stands on: one bounded pool of connections, threads that never block, credentials. The SDK
 * neither retries nor cuts objects into parts: both are decided above it.
 */
record S3Connection(
        S3AsyncClient client,
        SdkAsyncHttpClient http,
        SdkEventLoopGroup loops,
        WaitingCredentials credentials,
        Scheduler io)
        implements AutoCloseable {

    private static final int THREADS = 2;
    private static final int PATIENCE_MILLIS = 5_000;
    private static final AtomicInteger NUMBER = new AtomicInteger();

    static S3Connection open(S3Settings settings, Scheduler io) {
        ConnectionLimits limits = settings.connections();
        SdkEventLoopGroup loops = SdkEventLoopGroup.builder()
                .numberOfThreads(THREADS)
                .threadFactory(LoopThread::new)
                .build();
        SdkAsyncHttpClient http = NettyNioAsyncHttpClient.builder()
                .eventLoopGroup(loops)
                .useNonBlockingDnsResolver(true)
                .maxConcurrency(limits.most())
                .maxPendingConnectionAcquires(limits.pending())
                .connectionAcquisitionTimeout(limits.acquireTimeout())
                .connectionTimeout(limits.connectTimeout())
                .tlsNegotiationTimeout(limits.connectTimeout())
                .readTimeout(limits.silence())
                .writeTimeout(limits.silence())
                .connectionMaxIdleTime(limits.idleTime())
                .connectionTimeToLive(limits.lifeTime())
                .build();
        WaitingCredentials credentials = WaitingCredentials.of(settings.credentials());
        var builder = S3AsyncClient.builder()
                .httpClient(http)
                .credentialsProvider(credentials)
                .region(Region.of(settings.region()))
                .forcePathStyle(settings.pathStyle())
                .multipartEnabled(false)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
                .asyncConfiguration(async ->
                        async.advancedOption(SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()));
        settings.endpoint().ifPresent(builder::endpointOverride);
        return new S3Connection(builder.build(), http, loops, credentials, io);
    }

    /**
     * One call. It begins on a thread that may wait, since the SDK waits for credentials before it sends; it goes on, and
     * ends, on one that may not. Cancelling ends it.
     */
    <T> Mono<T> call(Function<S3AsyncClient, CompletableFuture<T>> call) {
        return Mono.fromFuture(() -> call.apply(client)).subscribeOn(io);
    }

    /** Closes sockets and ends threads, and waits for them. */
    @Override
    public void close() {
        client.close();
        http.close();
        credentials.close();
        loops.eventLoopGroup()
                .shutdownGracefully(0, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(PATIENCE_MILLIS);
    }

    /** A thread that must not block, which tests check. */
    private static final class LoopThread extends FastThreadLocalThread implements NonBlocking {
        LoopThread(Runnable work) {
            super(work, "weir-s3-" + NUMBER.incrementAndGet());
            setDaemon(true);
        }
    }
}
