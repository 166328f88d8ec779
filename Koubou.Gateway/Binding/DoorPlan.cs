using System.Globalization;
using System.Net;
using Koubou.ServiceDefaults.Hosting;

namespace Koubou.Gateway.Binding;

/// <summary>The addresses that configuration asks for.</summary>
/// <param name="Addresses">The main door first.</param>
internal sealed record DoorPlan(IReadOnlyList<DoorAddress> Addresses)
{
    /// <summary>The address to bind instead of loopback; the ports stay.</summary>
    public const string BindKey = "Koubou:Gateway:Bind";

    public const string WebSocketPortKey = "KOUBOU_WS_PORT";
    public const string GraphQlPortKey = "KOUBOU_GRAPHQL_PORT";

    private const int MainPort = 8765;
    private const int WebSocketPort = 8766;
    private const int GraphQlPort = 8767;

    /// <summary>The ports of the three doors where nothing else is said.</summary>
    public static IReadOnlyList<int> UsualPorts { get; } = [MainPort, WebSocketPort, GraphQlPort];

    /// <summary>Whether nobody outside this machine can reach any door.</summary>
    public bool IsLoopback => Addresses.All(address => address.IsLoopback);

    /// <summary>
    /// Main door: <c>ASPNETCORE_URLS</c>, else <c>HTTP_PORTS</c>, else http://localhost:8765. The other two doors
    /// listen beside its first address.
    /// </summary>
    public static DoorPlan Read(IConfiguration configuration)
    {
        var bind = ReadBind(configuration);
        var addresses = ReadMain(configuration)
            .Select(address => bind is null ? address : address with { Host = bind })
            .Distinct()
            .ToList();

        var first = addresses[0];
        addresses.Add(first with { Door = Door.WebSocket, Port = ReadPort(configuration, WebSocketPortKey, WebSocketPort) });
        addresses.Add(first with { Door = Door.GraphQl, Port = ReadPort(configuration, GraphQlPortKey, GraphQlPort) });
        RefuseSharedPorts(addresses);
        return new DoorPlan(addresses);
    }

    private static IEnumerable<DoorAddress> ReadMain(IConfiguration configuration)
    {
        var urls = Split(configuration[WebHostDefaults.ServerUrlsKey]);
        if (urls.Length > 0)
        {
            return urls.Select(ParseUrl);
        }

        var ports = Split(configuration[WebHostDefaults.HttpPortsKey]);
        return ports.Length > 0
            ? ports.Select(port => new DoorAddress(Door.Main, "http", "*", ParsePort("HTTP_PORTS", port)))
            : [new DoorAddress(Door.Main, "http", "localhost", MainPort)];
    }

    // Sample: http://localhost:8765 · http://0.0.0.0:8765 · http://[::1]:8765 · http://*:8765
    private static DoorAddress ParseUrl(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (!address.IsUnixPipe && !address.IsNamedPipe && address.Scheme is "http" or "https")
            {
                return new DoorAddress(Door.Main, address.Scheme, address.Host, address.Port);
            }
        }
        catch (FormatException)
        {
            // Falls through to the sentence that says what is allowed.
        }

        throw new SettingException(
            $"ASPNETCORE_URLS contains '{url}'. Allowed: addresses such as http://localhost:8765, separated by ';'.");
    }

    private static string? ReadBind(IConfiguration configuration)
    {
        var bind = configuration[BindKey]?.Trim();
        if (string.IsNullOrEmpty(bind))
        {
            return null;
        }

        return bind is "*" or "localhost" || IPAddress.TryParse(bind, out _)
            ? bind
            : throw new SettingException(
                $"{BindKey} is '{bind}'. Allowed: localhost, an IP address of this machine such as 192.168.1.20, "
                + "or * for all of them.");
    }

    private static int ReadPort(IConfiguration configuration, string key, int preset) =>
        configuration[key] is { Length: > 0 } text ? ParsePort(key, text) : preset;

    private static int ParsePort(string key, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort
            ? port
            : throw new SettingException(
                $"{key} is '{text}'. Allowed: a whole number from 1 to 65535, or 0 for any free port.");

    private static void RefuseSharedPorts(List<DoorAddress> addresses)
    {
        var shared = addresses
            .Where(address => address.Port != 0)
            .GroupBy(address => address.Port)
            .FirstOrDefault(group => group.Select(address => address.Door).Distinct().Count() > 1);
        if (shared is not null)
        {
            throw new SettingException(
                $"Port {shared.Key} is asked for by more than one of ASPNETCORE_URLS (8765), {WebSocketPortKey} (8766) "
                + $"and {GraphQlPortKey} (8767). Give each its own port.");
        }
    }

    private static string[] Split(string? list) =>
        list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
