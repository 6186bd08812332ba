namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>An Anvil in a container, with the real contracts in its image.</summary>
internal sealed class AnvilContainerResource(string name) : ContainerResource(name), IAnvilResource
{
    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => ((IAnvilResource)this).HttpExpression;
}
