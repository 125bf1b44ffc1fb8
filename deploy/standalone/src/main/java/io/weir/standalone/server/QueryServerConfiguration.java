package io.weir.standalone.server;

import io.weir.query.remote.RemoteConfiguration;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The query service alone, with the hot rows of ingest replicas. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({SharedConfiguration.class, QueryRoleConfiguration.class, RemoteConfiguration.class})
class QueryServerConfiguration {}
