using System.Runtime.InteropServices;

namespace Koubou.Worker.Nodes;

/// <summary>
/// The first SIGTERM or Ctrl+C lets running work finish; the second one of the same kind says that nobody wants to
/// wait. Of the same kind, because a Ctrl+C in a terminal reaches all processes, and the parent then adds its SIGTERM.
/// </summary>
internal sealed class DrainSignals : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _impatient = new();
    private readonly Dictionary<PosixSignal, int> _seen = [];
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>Fires when the rest should be given back at once.</summary>
    public CancellationToken Impatient => _impatient.Token;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _impatient.Dispose();
    }

    /// <summary>Counts one signal.</summary>
    internal void Count(PosixSignal signal)
    {
        lock (_seen)
        {
            var times = _seen[signal] = _seen.GetValueOrDefault(signal) + 1;
            if (times == 2)
            {
                _impatient.Cancel();
            }
        }
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        Count(context.Signal);
    }
}
