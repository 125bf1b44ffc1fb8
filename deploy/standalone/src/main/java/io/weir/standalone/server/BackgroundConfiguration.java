package io.weir.standalone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Supervisor;
import java.time.Clock;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.scheduler.Schedulers;

/** The background loops of this process, all under one supervisor: started when everything they use is, stopped before it. */
@Configuration(proxyBeanMethods = false)
class BackgroundConfiguration {

    @Bean(initMethod = "start", destroyMethod = "close")
    Supervisor supervisor(List<BackgroundLoop> loops, Clock clock, MeterRegistry registry) {
        return new Supervisor(loops, Schedulers.parallel(), clock, registry);
    }
}
