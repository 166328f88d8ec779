using System.Globalization;
using System.Net;
using Koubou.Scheduler.Dispatch;
using Koubou.ServiceDefaults.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Koubou.Scheduler.Hosting;

/// <summary>Where the scheduler listens: HTTP/1.1 for health, HTTP/2 for gRPC. Without TLS one port cannot speak both.</summary>
public static class SchedulerEndpoints
{
    public const string GrpcPortKey = "KOUBOU_GRPC_PORT";
    private const int GrpcPortDefault = 8771;
    private const int JoinKeyLengthMin = 16;
    private const string HttpDefault = "http://127.0.0.1:8770";

    /// <summary>
    /// Listens on <c>ASPNETCORE_URLS</c> (default port 8770) for health and on <c>KOUBOU_GRPC_PORT</c> (default 8771)
    /// for gRPC.
    /// </summary>
    public static void AddSchedulerEndpoints(this WebApplicationBuilder builder)
    {
        var urls = (builder.Configuration["urls"] ?? HttpDefault).Split(';', StringSplitOptions.RemoveEmptyEntries);
        var grpcPort = ReadPort(builder.Configuration[GrpcPortKey]);
        var options = builder.Configuration.GetSection(NodeOptions.Section).Get<NodeOptions>() ?? new NodeOptions();
        var bind = ReadBind(options);

        var useTls = SchedulerTlsOptions.Read(builder.Configuration);

        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(15);
            kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
            kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
            kestrel.Limits.MinRequestBodyDataRate = null;
            foreach (var url in urls)
            {
                kestrel.Listen(bind, BindingAddress.Parse(url).Port, listen => listen.Protocols = HttpProtocols.Http1);
            }

            kestrel.Listen(bind, grpcPort, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                useTls(listen);
            });
        });
    }

    private static int ReadPort(string? text)
    {
        if (text is null)
        {
            return GrpcPortDefault;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
            ? port
            : throw new SettingException($"{GrpcPortKey} is '{text}'. Allowed: a port from 0 to 65535.");
    }

    private static IPAddress ReadBind(NodeOptions options)
    {
        if (!IPAddress.TryParse(options.Bind, out var address))
        {
            throw new SettingException(
                $"{NodeOptions.Section}:Bind is '{options.Bind}'. Allowed: an IP address, such as 127.0.0.1 or 0.0.0.0.");
        }

        if (options.JoinKey.Length is > 0 and < JoinKeyLengthMin)
        {
            throw new SettingException(
                $"{NodeOptions.Section}:JoinKey has {options.JoinKey.Length} characters. Allowed: at least {JoinKeyLengthMin}, "
                + "best made at random: openssl rand -hex 24");
        }

        if (!IPAddress.IsLoopback(address) && options.JoinKey.Length == 0)
        {
            throw new SettingException(
                $"{NodeOptions.Section}:Bind is '{options.Bind}', which others can reach, but {NodeOptions.Section}:JoinKey "
                + "is empty. Set a join key, and give it to the worker nodes with --join-key.");
        }

        return address;
    }
}
