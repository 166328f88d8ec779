namespace Koubou.Gateway.Errors;

/// <summary>Everything found wrong with one request, in the order found. Keeps at most 100 and counts the rest.</summary>
internal sealed class FaultList
{
    private const int KeptMax = 100;

    private readonly List<Fault> _faults = [];
    private int _more;

    public bool Any => _faults.Count > 0;

    /// <summary>Whether one of the faults is that something is larger than allowed.</summary>
    public bool TooLarge { get; private set; }

    public void Add(string field, string sentence)
    {
        if (_faults.Count < KeptMax)
        {
            _faults.Add(new Fault(field, sentence));
        }
        else
        {
            _more++;
        }
    }

    public void MarkTooLarge() => TooLarge = true;

    /// <summary>
    /// Adds what the scheduler found in what could be read. Where the shape was wrong already, the scheduler only saw
    /// a gap, so its word on that field would mislead.
    /// </summary>
    public void Merge(FaultList semantic)
    {
        var shapes = _faults.ToArray();
        foreach (var fault in semantic._faults)
        {
            if (!Array.Exists(shapes, shape => Covers(shape.Field, fault.Field)))
            {
                Add(fault.Field, fault.Sentence);
            }
        }

        _more += semantic._more;
        TooLarge |= semantic.TooLarge;
    }

    public bool Has(string field) => _faults.Exists(fault => Covers(field, LastPart(fault.Field)));

    public Dictionary<string, string[]> ToErrors()
    {
        var errors = new Dictionary<string, string[]>();
        foreach (var group in _faults.GroupBy(fault => fault.Field))
        {
            errors[group.Key] = [.. group.Select(fault => fault.Sentence).Distinct()];
        }

        if (_more > 0)
        {
            errors["more"] = [$"{_more} more faults are not shown"];
        }

        return errors;
    }

    /// <summary>Sample: <c>2 faults, in priority and prompt.</c></summary>
    public string Summary()
    {
        var fields = _faults.Select(fault => fault.Field).Distinct().ToArray();
        var shown = string.Join(", ", fields.Take(3));
        var rest = fields.Length > 3 ? $" and {fields.Length - 3} more" : "";
        var count = _faults.Count + _more;
        return $"{count} {(count == 1 ? "fault" : "faults")}, in {shown}{rest}.";
    }

    private static bool Covers(string shape, string field) =>
        field.StartsWith(shape, StringComparison.Ordinal)
        && (field.Length == shape.Length || field[shape.Length] is '.' or '[');

    // tasks[3].type -> type
    private static string LastPart(string field) => field[(field.IndexOf("].", StringComparison.Ordinal) switch
    {
        -1 => 0,
        var index => index + 2,
    })..];
}
