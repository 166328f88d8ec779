namespace Koubou.Web.Charts;

/// <summary>
/// The cloud price that local work is compared with. Section <c>Koubou:Web:CloudPrice</c>. The defaults are those of a
/// middle-sized model of a large provider in 2026; set what you would pay.
/// </summary>
public sealed class CloudPriceOptions
{
    public const string Section = "Koubou:Web:CloudPrice";

    /// <summary>Default: USD.</summary>
    public string Currency { get; set; } = "USD";

    /// <summary>For a million tokens that the model reads. Default: 3.</summary>
    public decimal PromptPerMillion { get; set; } = 3;

    /// <summary>For a million tokens that the model writes. Default: 15.</summary>
    public decimal CompletionPerMillion { get; set; } = 15;
}
