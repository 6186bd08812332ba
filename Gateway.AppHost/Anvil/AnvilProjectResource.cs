namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>An Anvil that <c>Gateway.DevNet</c> starts, with stand-in contracts: for machines without containers.</summary>
internal sealed class AnvilProjectResource(string name) : ProjectResource(name), IAnvilResource
{
    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ((IAnvilResource)this).HttpExpression;
}
