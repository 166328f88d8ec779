using System.Diagnostics;
using System.Globalization;

namespace Koubou.Bench.Peers;

/// <summary>The rabbitmq-server of this machine with its own name service, ports and data, on loopback.</summary>
internal sealed class RabbitProcess : IAsyncDisposable
{
    // Debian's program of the PATH is a wrapper that becomes another user; this one is what it runs.
    private const string Unwrapped = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    private readonly string _folder = Directory.CreateTempSubdirectory("koubou-bench-rabbitmq-").FullName;
    private readonly int _port = Workshop.FreePort();
    private readonly int _nodePort = Workshop.FreePort();
    private readonly int _mapperPort = Workshop.FreePort();
    private readonly List<Process> _processes = [];

    public string Address => $"amqp://guest:guest@127.0.0.1:{_port}";

    public static async Task<RabbitProcess> StartAsync()
    {
        var rabbit = new RabbitProcess();
        await File.WriteAllTextAsync(Path.Combine(rabbit._folder, "plugins"), "[].");
        await File.WriteAllTextAsync(Path.Combine(rabbit._folder, "rabbitmq.conf"), "");

        // Were it not there yet, the broker would start one that outlives us.
        await rabbit.RunAsync(
            rabbit.Describe("epmd", "-d", "-d", "-port", $"{rabbit._mapperPort}", "-address", "127.0.0.1"),
            "select() loop");
        await rabbit.RunAsync(
            rabbit.Describe(File.Exists(Unwrapped) ? Unwrapped : "rabbitmq-server"), "Server startup complete");
        return rabbit;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync(ProcessStartInfo start, string ready)
    {
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        _processes.Add(process);
        var isReady = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Look(line.Data);
        process.ErrorDataReceived += (_, line) => Look(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (await Task.WhenAny(isReady.Task, process.WaitForExitAsync()) != isReady.Task)
        {
            throw new InvalidOperationException($"{start.FileName} ended at its start. ./test.sh installs rabbitmq-server.");
        }

        void Look(string? line)
        {
            if (line?.Contains(ready, StringComparison.Ordinal) == true)
            {
                isReady.TrySetResult();
            }
        }
    }

    private ProcessStartInfo Describe(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["LANG"] = "C.UTF-8",
            ["ERL_EPMD_PORT"] = _mapperPort.ToString(CultureInfo.InvariantCulture),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = $"koubou-bench-{_port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = _port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = _nodePort.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_LOGS"] = "-",
            ["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "plugins"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "none"),

            // No shell stands between, and the broker's schedulers do not spin while they wait: the two cores are shared.
            ["RABBITMQ_ALLOW_INPUT"] = "1",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
                "-noinput +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
        })
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
