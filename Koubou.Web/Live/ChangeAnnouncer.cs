using Microsoft.Extensions.Options;

namespace Koubou.Web.Live;

/// <summary>Tells the open pages of changes: the first one at once, then at most once in each interval.</summary>
internal sealed class ChangeAnnouncer(Workshop workshop, IOptions<LiveOptions> options, TimeProvider clock)
    : LiveLoop
{
    internal override async Task RunOnceAsync(CancellationToken cancellation)
    {
        await workshop.Changed.WaitAsync(cancellation);
        workshop.Announce();
        await Task.Delay(options.Value.UpdateInterval, clock, cancellation);
    }
}
