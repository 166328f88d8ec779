namespace Koubou.Worker.Backends.Lanes;

/// <summary>
/// Measures what a backend brings at a level, in windows of a few seconds. A window teaches only if the level was used:
/// where demand was lacking, it is measured again.
/// </summary>
/// <remarks>Not safe for several threads at once: its owner locks.</remarks>
internal sealed class LevelMeter
{
    // After a change of level the first pieces still belong to the old one.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WindowMax = TimeSpan.FromMinutes(2);

    private const int PiecesMin = 24;

    // Between two tasks a place is empty for a moment.
    private const double IdleMax = 0.5;

    private readonly TimeProvider _clock;
    private readonly int _min;
    private readonly int _max;
    private long _startedAt;
    private long _lastAt;
    private double _area;
    private long _pieces;
    private bool _measuring;
    private int _inside;

    public LevelMeter(int min, int max, TimeProvider clock)
    {
        _clock = clock;
        _min = min;
        _max = max;
        Rule = LevelRule.StartAt(min);
        Restart();
    }

    public LevelRule Rule { get; private set; }

    /// <summary>So many calls are on their way from now on.</summary>
    /// <returns>Whether the level is another one.</returns>
    public bool SetInside(int inside)
    {
        var changed = Look();
        _inside = inside;
        return changed;
    }

    /// <summary>One more piece of some answer came.</summary>
    /// <returns>Whether the level is another one.</returns>
    public bool AddPiece()
    {
        _pieces++;
        return Look();
    }

    private bool Look()
    {
        if (_min == _max)
        {
            return false;
        }

        var now = _clock.GetTimestamp();
        _area += _inside * _clock.GetElapsedTime(_lastAt, now).TotalSeconds;
        _lastAt = now;
        var elapsed = _clock.GetElapsedTime(_startedAt, now);
        if (!_measuring)
        {
            if (elapsed >= Settling)
            {
                Restart();
                _measuring = true;
            }

            return false;
        }

        return elapsed >= Window && (_pieces >= PiecesMin || elapsed >= WindowMax) && Conclude(elapsed.TotalSeconds);
    }

    private bool Conclude(double seconds)
    {
        var used = _area / seconds >= Rule.Level - IdleMax;
        var throughput = _pieces / seconds;
        var before = Rule;
        Restart();
        if (!used || throughput <= 0)
        {
            _measuring = true;
            return false;
        }

        Rule = before.Measured(throughput, _min, _max);
        _measuring = Rule.Level == before.Level;
        return Rule.Level != before.Level || Rule.IsSettled != before.IsSettled;
    }

    private void Restart()
    {
        _startedAt = _lastAt = _clock.GetTimestamp();
        _area = 0;
        _pieces = 0;
        _measuring = false;
    }
}
