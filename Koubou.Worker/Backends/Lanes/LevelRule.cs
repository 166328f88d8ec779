namespace Koubou.Worker.Backends.Lanes;

/// <summary>
/// How many requests a backend is given side by side, found by trying. Pure: takes what was measured at a level and says
/// which level to measure next.
/// </summary>
/// <remarks>
/// From its least level it climbs by one as long as each step brings a fair share of what it could bring: from n to n+1
/// that is 1/n more at best. Where it brings less, requests only wait inside the backend, so it goes back, looks once
/// whether one fewer would do as well (what else the machine did may have made a step seem worth while), and settles.
/// After a while, longer each time that nothing was learned, it tries again one up or, in turn, one down, because another
/// model or another load may have moved the level.
/// </remarks>
internal sealed record LevelRule
{
    // Three tenths of the best possible gain: measurements of a busy machine scatter by less.
    private const double FairShare = 0.3;
    private const int PauseMin = 20;
    private const int PauseMax = 200;

    /// <summary>The level to measure at.</summary>
    public required int Level { get; init; }

    /// <summary>The level that the steps are compared with.</summary>
    public required int Base { get; init; }

    /// <summary>It climbed until it brought nothing more.</summary>
    public bool IsSettled { get; init; }

    private double BaseThroughput { get; init; }

    private int Pause { get; init; } = PauseMin;

    private int PauseLeft { get; init; }

    private bool DownNext { get; init; }

    // Since the last step up it was tried whether one fewer would do.
    private bool Doubted { get; init; }

    public static LevelRule StartAt(int level) => new() { Level = level, Base = level };

    /// <param name="throughput">What the level brought, in any unit that stays the same.</param>
    /// <param name="min">The least level.</param>
    /// <param name="max">The most.</param>
    public LevelRule Measured(double throughput, int min, int max)
    {
        if (Level > Base)
        {
            return throughput >= BaseThroughput * (1 + (FairShare / Base))
                ? (Accepted(throughput) with { Doubted = false }).Up(min, max)
                : (this with { Level = Base }).Doubt(min);
        }

        if (Level < Base)
        {
            return throughput >= BaseThroughput * (1 - (FairShare / Base))
                ? Accepted(throughput).Down(min)
                : (this with { Level = Base }).Settle();
        }

        return Paused(throughput, min, max);
    }

    private LevelRule Paused(double throughput, int min, int max)
    {
        var here = this with { BaseThroughput = throughput };
        if (PauseLeft > 0)
        {
            return here with { PauseLeft = PauseLeft - 1 };
        }

        return DownNext && Level > min
            ? here with { Level = Level - 1, DownNext = false }
            : (here with { DownNext = true }).Up(min, max);
    }

    // A level that moved is news: look around again soon.
    private LevelRule Accepted(double throughput) =>
        this with { Base = Level, BaseThroughput = throughput, Pause = PauseMin };

    private LevelRule Up(int min, int max) => Level < max ? this with { Level = Level + 1 } : Doubt(min);

    private LevelRule Down(int min) => Level > min ? this with { Level = Level - 1 } : Settle();

    private LevelRule Doubt(int min) =>
        Doubted || Level == min ? Settle() : this with { Level = Level - 1, Doubted = true };

    private LevelRule Settle() => this with
    {
        IsSettled = true,
        PauseLeft = Pause,
        Pause = Math.Min(Pause * 2, PauseMax),
    };
}
