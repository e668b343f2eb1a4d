import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * One Elasticsearch node in this process: {@code TestNode HOME MODULES [name=value ...]}.
 *
 * <p>HOME gets data and logs, MODULES is the folder of modules beside the server's own jars, the rest are node settings. The
 * node runs until the process is asked to end (SIGTERM), and closes its indices then.
 */
public final class TestNode {
    private TestNode() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        Path configuration = Files.createDirectories(home.resolve("config"));
        Files.createDirectories(home.resolve("logs"));
        Settings.Builder settings = Settings.builder().put("path.home", home);
        for (String argument : java.util.Arrays.asList(arguments).subList(2, arguments.length)) {
            String[] pair = argument.split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        LogConfigurator.configureESLogging();
        var modules = PluginsLoader.loadModulesBundles(Path.of(arguments[1]), false);
        Node node = new Node(
            new Environment(settings.build(), configuration),
            PluginsLoader.createPluginsLoader(modules, Set.of(), Map.of()));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
        node.start();
        new CountDownLatch(1).await();
    }

    private static void close(Node node) {
        try {
            node.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
