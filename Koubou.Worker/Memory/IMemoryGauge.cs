namespace Koubou.Worker.Memory;

/// <summary>Reads how much memory this machine, or the container around it, has.</summary>
internal interface IMemoryGauge
{
    /// <summary>Null: it cannot be told here.</summary>
    MemoryReading? Read();
}
