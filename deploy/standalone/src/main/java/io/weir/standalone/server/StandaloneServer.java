package io.weir.standalone.server;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.standalone.cli.RunningServer;
import io.weir.standalone.cli.ServeOptions;
import io.weir.standalone.cli.ServeRole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The services of one role in this process, over one data directory. Starting returns when requests are answered; the process's
 * shutdown hook stops it in order: no new requests, running ones finish, rows are flushed, the log and the catalog close,
 * the directory is unlocked.
 */
public final class StandaloneServer implements RunningServer {

    private static final Logger LOG = LoggerFactory.getLogger(StandaloneServer.class);

    private final ConfigurableApplicationContext context;
    private final CountDownLatch stopped;

    private StandaloneServer(ConfigurableApplicationContext context, CountDownLatch stopped) {
        this.context = context;
        this.stopped = stopped;
    }

    /**
     * Starts a server.
     *
     * @throws RuntimeException when it cannot start; nothing is left running then. A {@link WeirException} among the
     *     causes says why in a sentence
     */
    public static StandaloneServer start(ServeOptions options) {
        long begin = System.nanoTime();
        requireFree(options.port());
        DataDirectory directory = DataDirectory.open(options.data(), options.role());
        CountDownLatch stopped = new CountDownLatch(1);
        try {
            ConfigurableApplicationContext context = run(options, directory, stopped);
            context.getBean(StartBanner.class).log(Duration.ofNanos(System.nanoTime() - begin));
            return new StandaloneServer(context, stopped);
        } catch (RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    /** Finds a taken port before a log is replayed for nothing; the web server finds it in any case. */
    private static void requireFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException("port " + port + " cannot be listened on", e);
        }
    }

    private static ConfigurableApplicationContext run(
            ServeOptions options, DataDirectory directory, CountDownLatch stopped) {
        ServeRole role = options.role();
        return application(configuration(role))
                .web(WebApplicationType.REACTIVE)
                .properties(defaults(role))
                .initializers(context -> {
                    RoleSettings.require(role, context.getEnvironment());
                    context.getBeanFactory().registerSingleton("serveRole", role);
                    lend(directory, stopped, context);
                })
                .run(arguments(options, "--server.port=" + options.port()));
    }

    /** Newest rows are kept from flushes and parts of this process; rows of other processes are read as they are. */
    private static Map<String, Object> defaults(ServeRole role) {
        return role == ServeRole.QUERY ? Map.of("weir.last-values.enabled", "false") : Map.of();
    }

    private static Class<?> configuration(ServeRole role) {
        return switch (role) {
            case STANDALONE -> StandaloneConfiguration.class;
            case INGEST -> IngestServerConfiguration.class;
            case QUERY -> QueryServerConfiguration.class;
        };
    }

    /** An application of that configuration, without a banner. */
    static SpringApplicationBuilder application(Class<?> configuration) {
        return new SpringApplicationBuilder(configuration)
                .bannerMode(Banner.Mode.OFF)
                .listeners(new LogFormat());
    }

    /** The settings of {@code options} as an application takes them, and one more. */
    static String[] arguments(ServeOptions options, String more) {
        List<String> arguments = new ArrayList<>();
        options.config()
                .ifPresent(file -> arguments.add("--spring.config.additional-location="
                        + file.toAbsolutePath().normalize().toUri()));
        options.properties().forEach((key, value) -> arguments.add("--" + key + "=" + value));
        arguments.add(more);
        return arguments.toArray(String[]::new);
    }

    /** Makes the directory a bean that is closed after every bean that uses it. */
    private static void lend(DataDirectory directory, CountDownLatch stopped, ConfigurableApplicationContext context) {
        DefaultListableBeanFactory beans = (DefaultListableBeanFactory) context.getBeanFactory();
        beans.registerSingleton("dataDirectory", directory);
        beans.registerDisposableBean("dataDirectory", () -> {
            directory.close();
            stopped.countDown();
            LOG.info("Weir has stopped");
        });
    }

    @Override
    public int port() {
        if (context instanceof WebServerApplicationContext web && web.getWebServer() != null) {
            return web.getWebServer().getPort();
        }
        throw new WeirException(CommonError.INTERNAL, "the server has no port");
    }

    @Override
    public void awaitStop() throws InterruptedException {
        stopped.await();
    }

    @Override
    public void close() {
        context.close();
    }
}
