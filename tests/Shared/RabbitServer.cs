using System.Diagnostics;
using System.Globalization;

namespace Koubou.Tests.Shared;

/// <summary>
/// A real rabbitmq-server with its own epmd, name, ports, cookie and data, on loopback. It may be killed and started again
/// on its data.
/// </summary>
internal sealed class RabbitServer : IAsyncDisposable
{
    // Debian's program of the PATH is a wrapper that becomes another user; this one is what it runs.
    private const string Unwrapped = "/usr/lib/rabbitmq/bin/";

    private static readonly Lazy<Task<RabbitServer>> SharedServer = new(StartAsync);

    private readonly string _folder = Directory.CreateTempSubdirectory("koubou-rabbitmq-").FullName;
    private readonly int _port = FreePort.Next();
    private readonly int _nodePort = FreePort.Next();
    private readonly int _mapperPort = FreePort.Next();
    private Process? _mapper;
    private TaskCompletionSource? _nameIsFree;
    private Process? _broker;

    private string Name => $"koubou-test-{_port}";

    public string Address => $"amqp://guest:guest@127.0.0.1:{_port}";

    public TimeSpan ProcessorTime => Refreshed().TotalProcessorTime;

    public long MemoryBytes => Refreshed().WorkingSet64;

    /// <summary>The one that all tests of this process share; it ends with the process.</summary>
    public static RabbitServer Shared => SharedServer.Value.GetAwaiter().GetResult();

    public static async Task<RabbitServer> StartAsync()
    {
        var server = new RabbitServer();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => server.End();
        await server.RunAsync();
        return server;
    }

    /// <summary>Starts the server again after <see cref="Kill()"/>, on the data that it left.</summary>
    public async Task RunAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "plugins"), "[].");
        await File.WriteAllTextAsync(Path.Combine(_folder, "rabbitmq.conf"), "");

        // Were it not there yet, the broker would start one that outlives us.
        _mapper ??= await ServerStart.RunAsync(
            Describe("epmd", "-d", "-d", "-port", $"{_mapperPort}", "-address", "127.0.0.1"), ready: "select() loop", HearMapper);
        if (_nameIsFree is { } free)
        {
            // One of the same name is refused until the mapper has noticed that the killed one is gone.
            await free.Task.WaitAsync(TimeSpan.FromMinutes(1));
        }

        _nameIsFree = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = Describe(Program("rabbitmq-server"));

        // No shell stands between us and the broker then, and its process is the one that we start. Its schedulers do not
        // spin while they wait: the cores are shared.
        start.Environment["RABBITMQ_ALLOW_INPUT"] = "1";
        start.Environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
            "-noinput +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}";
        start.Environment["RABBITMQ_LOGS"] = "-";
        _broker = await ServerStart.RunAsync(start, ready: "Server startup complete");
    }

    /// <summary>Ends the server as a power cut would.</summary>
    public void Kill() => Kill(_broker);

    /// <summary>SIGSTOP: alive, and silent.</summary>
    public void Freeze() => Signal("-STOP");

    /// <summary>SIGCONT.</summary>
    public void Thaw() => Signal("-CONT");

    /// <summary>Runs one command of <c>rabbitmqctl</c> and returns what it wrote.</summary>
    public async Task<string> ControlAsync(params string[] arguments)
    {
        var start = Describe(Program("rabbitmqctl"), ["--quiet", "--timeout", "60", .. arguments]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var control = Process.Start(start)!;
        var errors = control.StandardError.ReadToEndAsync();
        var text = await control.StandardOutput.ReadToEndAsync();
        await control.WaitForExitAsync();
        return control.ExitCode == 0
            ? text
            : throw new InvalidOperationException($"rabbitmqctl {arguments[0]}: {text}{await errors}");
    }

    /// <summary>Asks the broker until a queue has no message any more, neither ready nor taken.</summary>
    public async Task DrainedAsync(string queue)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var rows = await ControlAsync("list_queues", "name", "messages");
            if (rows.Split('\n').Contains($"{queue}\t0"))
            {
                return;
            }

            if (clock.Elapsed > TimeSpan.FromMinutes(1))
            {
                throw new InvalidOperationException($"{queue} is not empty:\n{rows}");
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        End();
        return ValueTask.CompletedTask;
    }

    private void End()
    {
        Kill();
        Kill(_mapper);
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private void HearMapper(string line)
    {
        if (line.Contains($"unregistering '{Name}:", StringComparison.Ordinal))
        {
            _nameIsFree?.TrySetResult();
        }
    }

    private Process Refreshed()
    {
        _broker!.Refresh();
        return _broker;
    }

    private static void Kill(Process? process)
    {
        if (process is { HasExited: false })
        {
            // Not for the end of its output as well: what it started may still hold that.
            process.Kill();
            process.WaitForExit(TimeSpan.FromMinutes(1));
        }
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{_broker!.Id}"]);
        kill.WaitForExit();
    }

    private static string Program(string name) => File.Exists(Unwrapped + name) ? Unwrapped + name : name;

    private ProcessStartInfo Describe(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["LANG"] = "C.UTF-8",
            ["ERL_EPMD_PORT"] = _mapperPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = $"{Name}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = _port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = _nodePort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "none"),
        })
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
