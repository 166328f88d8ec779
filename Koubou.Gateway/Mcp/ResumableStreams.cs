// MCP9006: the protocol of 2026-07-28 knows no sessions, and so nothing to resume; today's clients still open them.
#pragma warning disable MCP9006
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Koubou.Gateway.Mcp;

/// <summary>
/// What a client in a session was told lately: when its connection breaks in the middle of a wait, it takes the same
/// answer up again by its last event. Whoever comes later, or after a restart, calls <c>wait</c> again.
/// </summary>
internal static class ResumableStreams
{
    private const long BytesMax = 64 * 1024 * 1024;
    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static IMcpServerBuilder KeepStreams(this IMcpServerBuilder builder) =>
        builder.WithDistributedCacheEventStreamStore(streams =>
        {
            streams.Cache = new MemoryDistributedCache(
                Options.Create(new MemoryDistributedCacheOptions { SizeLimit = BytesMax }));
            streams.EventAbsoluteExpiration = AgeMax;
            streams.MetadataAbsoluteExpiration = AgeMax;
            streams.StreamReaderPollingInterval = Pause;
        });
}
