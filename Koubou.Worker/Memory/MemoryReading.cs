namespace Koubou.Worker.Memory;

/// <summary>Memory at one moment.</summary>
/// <param name="AvailableBytes">What programs may still take.</param>
/// <param name="TotalBytes">All that there is.</param>
internal readonly record struct MemoryReading(long AvailableBytes, long TotalBytes);
