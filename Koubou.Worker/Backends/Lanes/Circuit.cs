namespace Koubou.Worker.Backends.Lanes;

/// <summary>
/// Leaves a backend alone after failures in a row. After the break one call may try; its success closes the circuit,
/// its failure opens it for another break.
/// </summary>
internal sealed class Circuit(int failuresMax, TimeSpan breakTime, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private int _failures;
    private long _openedAt;
    private bool _isOpen;
    private bool _trying;

    /// <summary>It is or was open, and no call has succeeded since.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _isOpen;
            }
        }
    }

    /// <summary>How long no call may pass. Zero: one may.</summary>
    public TimeSpan Wait
    {
        get
        {
            lock (_gate)
            {
                return !_isOpen ? TimeSpan.Zero : _trying ? breakTime : Rest();
            }
        }
    }

    /// <summary>Asks to pass. True: the outcome must be told by <see cref="Succeeded"/>, <see cref="Failed"/> or <see cref="Left"/>.</summary>
    public bool TryPass()
    {
        lock (_gate)
        {
            if (!_isOpen)
            {
                return true;
            }

            if (_trying || Rest() > TimeSpan.Zero)
            {
                return false;
            }

            return _trying = true;
        }
    }

    /// <summary>The backend is well.</summary>
    /// <returns>Whether that closed the circuit.</returns>
    public bool Succeeded()
    {
        lock (_gate)
        {
            var closed = _isOpen;
            (_failures, _isOpen, _trying) = (0, false, false);
            return closed;
        }
    }

    /// <summary>The backend failed.</summary>
    /// <returns>Whether that opened the circuit.</returns>
    public bool Failed()
    {
        lock (_gate)
        {
            _failures++;
            var opens = !_isOpen && _failures >= failuresMax;
            if (opens || _trying)
            {
                _openedAt = clock.GetTimestamp();
            }

            (_isOpen, _trying) = (_isOpen || opens, false);
            return opens;
        }
    }

    /// <summary>The call ended without telling anything about the backend: cancelled, or the task's own fault.</summary>
    public void Left()
    {
        lock (_gate)
        {
            _trying = false;
        }
    }

    private TimeSpan Rest() => breakTime - clock.GetElapsedTime(_openedAt) is { Ticks: > 0 } rest ? rest : TimeSpan.Zero;
}
