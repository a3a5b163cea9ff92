/** Runs one OpenSearch node on 127.0.0.1 until it is told to stop: arguments are its home, its HTTP port and its transport port. */

import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

class LocalNode extends Node {
  LocalNode(Settings settings) {
    super(
        InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "nearcast"),
        List.of(Netty4Plugin.class),
        true);
  }

  public static void main(String[] arguments) throws Exception {
    LocalNode node =
        new LocalNode(
            Settings.builder()
                .put("path.home", arguments[0])
                .put("network.host", "127.0.0.1")
                .put("http.port", arguments[1])
                .put("transport.port", arguments[2])
                .put("http.type", "netty4")
                .put("transport.type", "netty4")
                .put("discovery.type", "single-node")
                .put("cluster.name", "nearcast")
                .put("node.name", "nearcast")
                .put("cluster.routing.allocation.disk.threshold_enabled", false)
                // Points in time really expire after a second or two.
                .put("search.keep_alive_interval", "1s")
                .put("point_in_time.init.keep_alive", "1s")
                .build());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    node.close();
                  } catch (Exception failure) {
                    failure.printStackTrace();
                  }
                }));
    node.start();
    // Ends with whoever started it.
    while (System.in.read() >= 0) {}
    System.exit(0);
  }
}
