package io.weir.query.edge;

import io.weir.common.auth.Authenticator;
import io.weir.common.auth.Principal;
import io.weir.common.http.EdgeConfiguration;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.query.TestTables;
import io.weir.query.engine.QueryDirectories;
import io.weir.query.lastvalue.FileLog;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.core.publisher.Mono;

/** The query service on a port of its own, over {@link TestTables}. */
final class QueryServer implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({EdgeConfiguration.class, QueryConfiguration.class})
    static class Application {

        @Bean
        QueryDirectories directories(Environment environment) {
            Path directory = Path.of(environment.getRequiredProperty("test.directory"));
            return new QueryDirectories(List.of(directory.resolve("data")), directory.resolve("spill"));
        }

        @Bean
        TestTables tables(QueryDirectories directories) {
            return new TestTables(directories.data().get(0));
        }

        @Bean
        FileLog fileLog() {
            return new NoFileLog();
        }

        @Bean
        WeirSchedulers schedulers() {
            return WeirSchedulers.forCores(2);
        }

        @Bean
        Authenticator authenticator() {
            return credentials -> Mono.just(Principal.unrestricted(TestTables.ORGANISATION, "tester"));
        }
    }

    QueryServer(Path directory, String... settings) {
        Stream<String> own = Stream.of(
                "--test.directory=" + directory,
                "--server.port=0",
                "--weir.query.memory-limit=256MB",
                "--weir.warm-up.duration=0s",
                "--weir.last-values.enabled=false",
                "--spring.main.banner-mode=off");
        context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.REACTIVE)
                .run(Stream.concat(own, Arrays.stream(settings)).toArray(String[]::new));
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    <T> Collection<T> beans(Class<T> type) {
        return context.getBeansOfType(type).values();
    }

    int port() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    WebTestClient client() {
        return WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + port())
                .defaultHeader("X-Request-Id", "test")
                .build();
    }

    @Override
    public void close() {
        context.close();
    }
}
