using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Koubou.Worker.Processes.Relays;

namespace Koubou.Worker.Processes;

/// <summary>
/// Runs programs for tasks. Whatever happens, when a run is over its whole tree is gone: grandchildren, and those with
/// sessions of their own.
/// </summary>
internal sealed partial class ChildProcesses : IDisposable
{
    private const int ErrorCharsMax = 8 * 1024;

    // How long the pipes may stay open after the tree was killed; longer means that something escaped.
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(10);
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly TimeProvider _clock;
    private readonly ILogger<ChildProcesses> _logger;
    private readonly Spawner _spawner = new();
    private readonly Lazy<Task<Enclosure>> _enclosure;
    private readonly string _node = Guid.NewGuid().ToString("N");
    private LooseEndGuard? _guard;

    /// <param name="clock">Counts the limits.</param>
    /// <param name="logger">Hears of what could not be ended.</param>
    /// <param name="findEnclosure">Finds how children are held together: <see cref="Enclosure.FindAsync"/>.</param>
    public ChildProcesses(
        TimeProvider clock, ILogger<ChildProcesses> logger, Func<Spawner, Task<Enclosure>> findEnclosure)
    {
        _clock = clock;
        _logger = logger;
        _enclosure = new Lazy<Task<Enclosure>>(() => PrepareAsync(findEnclosure));
    }

    /// <summary>How children are held together on this machine.</summary>
    public Task<Enclosure> EnclosureAsync() => _enclosure.Value;

    /// <summary>Runs a program to its end, handing over each line of its standard output.</summary>
    /// <exception cref="ChildException">It could not be started, ran too long or wrote too much.</exception>
    /// <exception cref="OperationCanceledException">The token fired; the tree is gone.</exception>
    public async Task<ChildExit> RunAsync(
        ChildCommand command, Func<string, ValueTask> onLine, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var enclosure = await _enclosure.Value;
        var mark = $"{_node}.{Guid.NewGuid():N}";
        using var limit = new CancellationTokenSource(command.Timeout, _clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var process = await StartAsync(command, enclosure, mark);

        var errors = new StringBuilder();
        // On a thread of its own: a program that does not read keeps the writer waiting.
        var feeding = Task.Run(() => FeedAsync(process, command.Input), CancellationToken.None);
        var complaining = BoundedReader.ReadTailAsync(
            process.StandardError, errors, ErrorCharsMax, command.TakesErrorLine);
        var reading = ReadAsync(process, command, onLine, stop);
        await process.WaitForExitAsync(stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await EndTreeAsync(process, enclosure, mark);
        await CloseAsync(command, Task.WhenAll(feeding, complaining, reading));

        if (reading.IsFaulted)
        {
            await reading;
        }

        cancellationToken.ThrowIfCancellationRequested();
        var said = complaining.IsCompleted ? errors.ToString().Trim() : "";
        return limit.IsCancellationRequested
            ? throw new ChildException(
                ChildFault.TimedOut, $"It ran longer than its limit of {command.Timeout.TotalSeconds:0.#} seconds.", said)
            : new ChildExit(process.ExitCode, said);
    }

    public void Dispose()
    {
        _guard?.Dispose();
        _spawner.Dispose();
    }

    private async Task<Enclosure> PrepareAsync(Func<Spawner, Task<Enclosure>> find)
    {
        var enclosure = await find(_spawner);
        if (!enclosure.Encloses)
        {
            LogNotEnclosed();
            _guard = await LooseEndGuard.StartAsync(_spawner, _node);
        }

        return enclosure;
    }

    private async Task<Process> StartAsync(ChildCommand command, Enclosure enclosure, string mark)
    {
        if (!Directory.Exists(command.Folder))
        {
            throw new ChildException(ChildFault.NotStarted, $"The folder {command.Folder} does not exist.");
        }

        // Looked for here, because the enclosing command would report its own failure in its own words.
        var program = ProgramPath.Find(command.Program, command.Environment.GetValueOrDefault("PATH", ""))
            ?? throw new ChildException(ChildFault.NotStarted, $"There is no program '{command.Program}'.");
        if ((!command.Network || command.Relay is not null) && !enclosure.Encloses)
        {
            throw new ChildException(
                ChildFault.NotStarted, $"'{command.Program}' may not have a network, and this machine cannot take it away.");
        }

        string[] line = [.. Prefix(command, enclosure), program, .. command.Arguments];
        var info = new ProcessStartInfo(line[0], line[1..])
        {
            WorkingDirectory = command.Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
            UseShellExecute = false,
        };
        info.Environment.Clear();
        foreach (var (name, value) in command.Environment)
        {
            info.Environment[name] = value;
        }

        if (command.Relay is not null)
        {
            RelayCommand.SetRuntime(info.Environment);
        }

        info.Environment[MarkedProcesses.Variable] = mark;
        try
        {
            return await _spawner.StartAsync(info);
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException)
        {
            throw new ChildException(
                ChildFault.NotStarted, $"'{command.Program}' could not be started: {exception.Message}", inner: exception);
        }
    }

    private static IEnumerable<string> Prefix(ChildCommand command, Enclosure enclosure) => command.Relay is not { } relay
        ? enclosure.PrefixFor(command.Network)
        : Enclosure.PrefixForRelay().Concat(RelayCommand.For(relay)
            ?? throw new ChildException(ChildFault.NotStarted, "The worker's own program, which would relay, is not there."));

    private static async Task FeedAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A program may end, or close its input, without having read it all.
        }
    }

    private static async Task ReadAsync(
        Process process, ChildCommand command, Func<string, ValueTask> onLine, CancellationTokenSource stop)
    {
        try
        {
            await BoundedReader.ReadLinesAsync(
                process.StandardOutput, command.LineCharsMax, command.OutputCharsMax, onLine);
        }
        catch
        {
            // What nobody can read any more need not be written.
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task EndTreeAsync(Process process, Enclosure enclosure, string mark)
    {
        var endedByItself = process.HasExited;
        if (!endedByItself)
        {
            Kill(process, enclosure);
        }

        // The end of an enclosure ends all that is in it. Else, and in the instant before an enclosure stands, look.
        if (!(enclosure.Encloses && endedByItself) && !await MarkedProcesses.EndAsync(mark, _clock))
        {
            LogSurvivors(mark);
        }

        await process.WaitForExitAsync(CancellationToken.None);
    }

    private static void Kill(Process process, Enclosure enclosure)
    {
        try
        {
            // The enclosing process alone: the kernel ends the rest, and does not overlook anybody.
            process.Kill(entireProcessTree: !enclosure.Encloses);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It ended meanwhile.
        }
    }

    private async Task CloseAsync(ChildCommand command, Task pipes)
    {
        await pipes.WaitAsync(CloseLimit, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!pipes.IsCompleted)
        {
            LogPipesOpen(command.Program);
        }
    }

    [LoggerMessage(LogLevel.Warning,
        "This machine allows no PID namespaces (unshare, setpriv): what agents start is found by its mark instead")]
    private partial void LogNotEnclosed();

    [LoggerMessage(LogLevel.Error, "Processes of the run {Mark} could not be ended")]
    private partial void LogSurvivors(string mark);

    [LoggerMessage(LogLevel.Error, "'{Program}' is gone, but something still holds its output open")]
    private partial void LogPipesOpen(string program);
}
