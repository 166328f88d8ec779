using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Koubou.LocalHosting.Servers;
using Microsoft.Extensions.Configuration;

// Beside the resource's own methods, as in Aspire.
namespace Aspire.Hosting;

/// <summary>
/// RabbitMQ: the one of <c>ConnectionStrings:{name}</c>, else the <c>rabbitmq-server</c> of this machine, run with the
/// workshop; else one that already runs at <c>localhost:5672</c>.
/// </summary>
public static class RabbitMQBuilderExtensions
{
    // Debian's program of the PATH becomes another user, who may not write into the workshop's home; it runs this one.
    private const string Unwrapped = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    /// <summary>The broker of <c>ConnectionStrings:{name}</c>, or one that starts and ends with the workshop.</summary>
    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
        this IDistributedApplicationBuilder builder, string name)
    {
        if (builder.Configuration.GetConnectionString(name) is { Length: > 0 } address)
        {
            return builder.AddResource(new RabbitMQServerResource(name, () => address));
        }

        var program = File.Exists(Unwrapped) ? Unwrapped : ProgramPath.Find("rabbitmq-server");
        if (program is null)
        {
            return builder.AddResource(new RabbitMQServerResource(name, () => "amqp://guest:guest@localhost:5672"));
        }

        RabbitMQServerResource? resource = null;
        resource = new RabbitMQServerResource(
            name, () => $"amqp://guest:guest@localhost:{new EndpointReference(resource!, "tcp").Port}");
        foreach (var endpoint in (string[])["tcp", "node", "names"])
        {
            resource.Annotations.Add(new EndpointAnnotation(endpoint) { UriScheme = "tcp" });
        }

        // The greeting of the protocol; the broker answers with the name of its method Connection.Start.
        var port = new EndpointReference(resource, "tcp");
        resource.Annotations.Add(new TcpHealthCheckAnnotation(port, "AMQP\0\0\t\u0001", "\u0001"));
        resource.Annotations.Add(new ProgramAnnotation(program, () => [])
        {
            Environment = () => Variables(
                ServerFolder.Create(builder, "rabbitmq"),
                port.Port,
                new EndpointReference(resource, "node").Port,
                new EndpointReference(resource, "names").Port),
        });
        return builder.AddResource(resource);
    }

    /// <summary>Its data stays in the workshop's home, or where its own configuration says.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(
        this IResourceBuilder<RabbitMQServerResource> builder) => builder;

    // A node of its own: name, ports, cookie, data and name service are the workshop's, and all listen on loopback. The
    // name does not change with the port, since the data carry it.
    private static Dictionary<string, string> Variables(string folder, int port, int nodePort, int namesPort)
    {
        File.WriteAllText(Path.Combine(folder, "enabled_plugins"), "[].");
        File.WriteAllText(Path.Combine(folder, "rabbitmq.conf"), "log.console.level = warning\n");
        return new Dictionary<string, string>
        {
            ["HOME"] = folder,
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = namesPort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_NODENAME"] = "koubou@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = nodePort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_LOGS"] = "-",
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "enabled_plugins"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(folder, "rabbitmq-env.conf"),

            // No shell between: the process that is asked to end is the broker. It reads no commands, and does not spin.
            ["RABBITMQ_ALLOW_INPUT"] = "1",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
                "-noinput +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
        };
    }
}
