namespace Koubou.Cli.Doctor;

/// <summary>One thing that the doctor looks at.</summary>
internal interface ICheck
{
    /// <summary>Looks, changes nothing, and says what it found; nothing where it does not apply.</summary>
    IAsyncEnumerable<Finding> LookAsync(Patient patient, CancellationToken cancellationToken);
}
