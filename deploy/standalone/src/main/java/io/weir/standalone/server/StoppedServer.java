package io.weir.standalone.server;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.standalone.cli.ServeOptions;
import java.nio.file.Files;
import java.util.function.Function;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/** Parts of a server that is stopped, over its data directory, which is locked meanwhile, and with its settings. */
final class StoppedServer {

    private StoppedServer() {}

    /**
     * Does something with those parts.
     *
     * @throws WeirException {@code configuration} when there is no catalog
     */
    static <T> T with(ServeOptions options, Class<?> parts, Function<ConfigurableApplicationContext, T> work) {
        if (!Files.isDirectory(options.data())) {
            throw noCatalog(options);
        }
        return open(options, parts, true, work);
    }

    /** As {@link #with}, and the data directory and the catalog are made when they are missing. */
    static <T> T making(ServeOptions options, Class<?> parts, Function<ConfigurableApplicationContext, T> work) {
        return open(options, parts, false, work);
    }

    private static <T> T open(
            ServeOptions options, Class<?> parts, boolean exists, Function<ConfigurableApplicationContext, T> work) {
        try (DataDirectory directory = DataDirectory.open(options.data());
                ConfigurableApplicationContext context = StandaloneServer.application(parts)
                        .web(WebApplicationType.NONE)
                        .initializers(made -> {
                            if (exists) {
                                requireCatalog(options, made.getEnvironment());
                            }
                            made.getBeanFactory().registerSingleton("dataDirectory", directory);
                        })
                        .run(StandaloneServer.arguments(options, "--logging.level.io.weir=off"))) {
            return work.apply(context);
        }
    }

    /** Unless the settings say that the catalog is elsewhere. */
    private static void requireCatalog(ServeOptions options, Environment settings) {
        boolean elsewhere = !settings.getProperty("weir.catalog.url", "").isBlank();
        if (!elsewhere && !Files.isRegularFile(options.data().resolve("catalog.db"))) {
            throw noCatalog(options);
        }
    }

    private static WeirException noCatalog(ServeOptions options) {
        return new WeirException(
                CommonError.CONFIGURATION,
                "there is no catalog in " + options.data() + " (expected: the data directory of a server that ran)");
    }
}
