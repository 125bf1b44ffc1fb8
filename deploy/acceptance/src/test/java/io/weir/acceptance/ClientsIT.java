package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.influxdb.client.InfluxDBClientFactory;
import com.influxdb.client.domain.WritePrecision;
import com.influxdb.client.write.Point;
import com.influxdb.exceptions.BadRequestException;
import com.influxdb.exceptions.UnprocessableEntityException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.influxdb.InfluxDB;
import org.influxdb.InfluxDBException;
import org.influxdb.InfluxDBFactory;
import org.influxdb.dto.BatchPoints;
import org.influxdb.dto.Query;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unmodified InfluxDB clients write and understand the answers. LESSONS 60. */
class ClientsIT {

    private static final Instant TIME = Instant.parse("2026-03-14T09:26:53.589793Z");

    @TempDir
    static Path data;

    private static WeirProcess server;

    @BeforeAll
    static void start() {
        server = WeirProcess.serve(data);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void influxdbClientJavaWritesByVersion2() {
        try (var client = InfluxDBClientFactory.create(server.url(), "any".toCharArray(), "org", "v2")) {
            var writes = client.getWriteApiBlocking();
            writes.writePoints(List.of(
                    Point.measurement("weather")
                            .addTag("city", "Prague, old town")
                            .addField("temp", 21.5)
                            .addField("note", "say \"hi\" \\ there")
                            .addField("ok", true)
                            .time(TIME, WritePrecision.NS),
                    Point.measurement("weather")
                            .addTag("city", "Brno")
                            .addField("temp", -3.25)
                            .time(TIME, WritePrecision.US)));
            assertThat(Sql.rows(server, "v2", "SELECT city, temp, note, ok, time FROM weather ORDER BY temp DESC"))
                    .hasToString(
                            "[[\"Prague, old town\",21.5,\"say \\\"hi\\\" \\\\ there\",true,\"2026-03-14T09:26:53.589793Z\"], "
                                    + "[\"Brno\",-3.25,null,null,\"2026-03-14T09:26:53.589793Z\"]]");
            assertThatThrownBy(() -> writes.writeRecord(WritePrecision.NS, "weather temp="))
                    .isInstanceOf(BadRequestException.class)
                    .hasMessageContaining("line 1");
            assertThatThrownBy(() -> writes.writeRecord(WritePrecision.NS, "weather temp=\"hot\""))
                    .isInstanceOf(UnprocessableEntityException.class)
                    .hasMessageContaining("float");
        }
    }

    @Test
    void influxdbJavaWritesByVersion1() {
        try (InfluxDB client = InfluxDBFactory.connect(server.url(), "u", "p")) {
            assertThat(client.ping().isGood()).isTrue();
            client.query(new Query("CREATE DATABASE \"v1\""));
            client.enableGzip();
            client.write(BatchPoints.database("v1")
                    .precision(TimeUnit.MILLISECONDS)
                    .point(org.influxdb.dto.Point.measurement("cpu")
                            .tag("host", "a b=c")
                            .addField("usage", 42L)
                            .time(TIME.toEpochMilli(), TimeUnit.MILLISECONDS)
                            .build())
                    .build());
            assertThat(Sql.rows(server, "v1", "SELECT host, usage, time FROM cpu"))
                    .hasToString("[[\"a b=c\",42,\"2026-03-14T09:26:53.589Z\"]]");
            assertThat(client.query(new Query("SHOW DATABASES"))
                            .getResults()
                            .get(0)
                            .getSeries()
                            .get(0)
                            .getValues())
                    .contains(List.of("v1"));
            client.setDatabase("v1");
            assertThatThrownBy(() -> client.write("cpu,host=x usage="))
                    .isInstanceOf(InfluxDBException.class)
                    .hasMessageContaining("partial write");
        }
    }

    @Test
    void influxdb3JavaWritesByVersion3() throws Exception {
        try (var client = com.influxdb.v3.client.InfluxDBClient.getInstance(server.url(), "any".toCharArray(), "v3")) {
            client.writePoint(com.influxdb.v3.client.Point.measurement("solar")
                    .setTag("panel", "p1")
                    .setField("watts", 512L)
                    .setTimestamp(TIME));
            client.writeRecord("solar,panel=p2 watts=7i " + TIME.getEpochSecond() + "589793000");
            assertThat(Sql.rows(server, "v3", "SELECT panel, watts, time FROM solar ORDER BY panel"))
                    .hasToString("[[\"p1\",512,\"2026-03-14T09:26:53.589793Z\"], "
                            + "[\"p2\",7,\"2026-03-14T09:26:53.589793Z\"]]");
            assertThatThrownBy(() -> client.writeRecord("solar,panel=p3 watts="))
                    .hasMessageContaining("watts");
        }
    }
}
