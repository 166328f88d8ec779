namespace Koubou.Worker.Backends.Http;

/// <summary>What people read when a backend has a trouble, each with what mends it. Kinds override what they know better.</summary>
/// <param name="name">The backend's name in the settings.</param>
/// <param name="product">What it is, in words.</param>
/// <param name="address">Where it listens.</param>
internal class BackendWords(string name, string product, Uri address)
{
    protected string Name => name;

    protected string Product => product;

    protected string Authority => address.GetLeftPart(UriPartial.Authority);

    /// <summary>A model that is not there can be got: then its absence is no failure yet.</summary>
    public virtual bool MissingModelMayCome => false;

    public virtual string Unreachable() =>
        $"{product} '{name}' does not answer at {Authority}. Start it, or correct {Setting("Endpoint")}.";

    public virtual string AuthRefused(string error, int status) =>
        $"{product} '{name}' refused its key ({status}): {error} Set {Setting("ApiKey")}.";

    public virtual string QuotaUsedUp(string error) =>
        $"{product} '{name}' says that its quota is used up: {error} Renew it with its provider, or name another backend.";

    public virtual string Busy(string error) => $"{product} '{name}' is busy: {error}";

    public virtual string Failed(string error) => $"{product} '{name}' failed: {error}";

    public virtual string NoModel(string error) =>
        $"{product} '{name}' has no such model: {error} Name one that it has, or set {Setting("Model")}.";

    public virtual string ContextExceeded(string error) =>
        $"The prompt does not fit into the model's context on '{name}': {error} Shorten it, or name a model with a "
        + "larger context.";

    public virtual string Redirected() => $"{product} '{name}' answered with a redirect, which is never followed.";

    public virtual string Refused(string error, int status) =>
        $"{product} '{name}' refused the request ({status}): {error}";

    public virtual string BrokeOff() => $"{product} '{name}' broke off in the middle of its answer. Is it still running?";

    public virtual string Silent(TimeSpan limit) =>
        $"{product} '{name}' said nothing for {limit.TotalSeconds:0} seconds ({Setting("SilenceTimeout")}).";

    public virtual string NotFoundYet() => $"{product} '{name}' was not looked for yet.";

    protected string Setting(string key) => $"Koubou:Worker:Backends:{name}:{key}";
}
